"""A run on a device with too little memory: real children, whose device refuses more than four images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gan.contract.checkpoint import NETWORKS, TRAINING, list_checkpoints
from gan.contract.config import read_config, write_config
from gan.contract.result import read_result
from tests.gan.trainers import SMALL, finish, new_run, recorded

SHORT = "tests.gan.training.short_main"


def test_a_shortage_is_told_and_a_resume_goes_on_bit_for_bit(tmp_path: Path, data: Path) -> None:
    settings = {"family": "stylegan2", "batch": 8, "options": SMALL, "checkpoint_kimg": 1.0}
    broken = new_run(tmp_path / "broken", data, goal_kimg=0.016, **settings)
    straight = new_run(tmp_path / "straight", data, goal_kimg=0.04, **settings)

    assert finish("train", "--run-dir", broken.path, module=SHORT).returncode == 0
    write_config(broken.config, replace(read_config(broken.config), goal_kimg=0.04))
    assert finish("train", "--run-dir", broken.path, module=SHORT).returncode == 0
    assert finish("train", "--run-dir", straight.path, module=SHORT).returncode == 0

    warnings = [event.fields["message"] for event in recorded(broken) if event.kind == "warning"]
    assert [text.split(".")[0] for text in warnings] == [
        "Out of memory: from now on cpu computes 4 images at a time and adds up their gradients"
    ]
    for file in (NETWORKS, TRAINING):
        one, other = (list_checkpoints(run.checkpoints)[-1] / file for run in (straight, broken))
        assert one.read_bytes() == other.read_bytes()


def test_too_little_for_the_least_ends_with_a_sentence(tmp_path: Path, data: Path) -> None:
    options = {**SMALL, "mbstd_group_size": 8}
    run = new_run(tmp_path / "run", data, family="stylegan2", batch=8, options=options)

    done = finish("train", "--run-dir", run.path, "--micro-batch", 0, module=SHORT)

    result = read_result(run.result)
    assert done.returncode == 1
    assert "Out of memory on cpu with 8 images of 32x32 at a time" in done.stderr
    assert result is not None
    assert result.outcome == "failed"
