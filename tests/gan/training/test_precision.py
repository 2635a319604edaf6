"""Runs in the lower precision of the highest resolutions, as real child processes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from gan.contract.checkpoint import NETWORKS, TRAINING, list_checkpoints
from gan.contract.config import read_config, write_config
from tests.gan.trainers import ENDLESS, SMALL, end, new_run, start, train, wait_for


def test_killed_and_resumed_in_bfloat16_equals_never_interrupted_bit_for_bit(
    tmp_path: Path, data: Path, children: list[subprocess.Popen[bytes]]
) -> None:
    settings = {
        "family": "stylegan2",
        "options": {**SMALL, "num_fp16_res": 2},
        "precision": "bfloat16",
        "checkpoint_kimg": 0.032,
    }
    broken = new_run(tmp_path / "broken", data, goal_kimg=ENDLESS, **settings)
    children.append(start(broken))
    saved = float(wait_for(children[0], "checkpoint").fields["kimg"])
    children[0].kill()
    end(children[0])

    goal = saved + 0.064  # the killed one may have come a checkpoint further
    write_config(broken.config, replace(read_config(broken.config), goal_kimg=goal))
    assert train(broken).returncode == 0
    straight = new_run(tmp_path / "straight", data, goal_kimg=goal, **settings)
    assert train(straight).returncode == 0

    one, other = (list_checkpoints(run.checkpoints)[-1] for run in (straight, broken))
    assert one.name == other.name
    for file in (NETWORKS, TRAINING):
        assert (one / file).read_bytes() == (other / file).read_bytes()
