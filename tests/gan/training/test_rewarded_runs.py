"""Runs with a reward as real child processes on drawn embryos: learned from, resumed, measured, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan.contract.checkpoint import NETWORKS, TRAINING, describe_checkpoint, list_checkpoints
from gan.contract.config import read_config, write_config
from gan.contract.result import read_result
from gan.contract.run_folder import RunFolder
from gan.contract.scorer_folder import read_scorer
from gan.training.rewarding import KEPT_OUT, USED
from tests.gan.drawn import write_drawn, write_start
from tests.gan.trainers import ENDLESS, SMALL, end, finish, new_run, recorded, start, train, wait_for

Made = tuple[RunFolder, RunFolder]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("drawn")
    return {
        "data": write_drawn(folder / "data"),
        "family": "stylegan2",
        "options": {**SMALL, "ada_kimg": 0.5, "augment_p": 0.3},
        "start_from": str(write_start(folder / "start")),
        "checkpoint_kimg": 0.048,
    }


@pytest.fixture(scope="module")
def rewarded(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Any], sharp_scorer: Path
) -> tuple[RunFolder, RunFolder]:
    """A run that was killed after a checkpoint and resumed, and the same without interruption."""
    folder = tmp_path_factory.mktemp("runs")
    wish = {**settings, "reward": str(sharp_scorer), "reward_weight": 3.0}
    broken = new_run(folder / "broken", goal_kimg=ENDLESS, **wish)
    child = start(broken)
    try:
        wait_for(child, "checkpoint")
    finally:
        child.kill()
        end(child)
    goal = describe_checkpoint(list_checkpoints(broken.checkpoints)[-1])["kimg"] + 0.048
    write_config(broken.config, replace(read_config(broken.config), goal_kimg=goal))
    straight = new_run(folder / "straight", goal_kimg=goal, **wish)
    assert [train(run).returncode for run in (broken, straight)] == [0, 0]
    return broken, straight


def contents(run: RunFolder) -> list[bytes]:
    newest = list_checkpoints(run.checkpoints)[-1]
    return [(newest / file).read_bytes() for file in (NETWORKS, TRAINING)]


def mean(run: RunFolder, name: str) -> float:
    """Over the newest half of the run's reports."""
    found = [event.fields["losses"][name] for event in recorded(run) if event.kind == "progress"]
    newest = found[len(found) // 2 :]
    return float(sum(newest) / len(newest))


def test_killed_and_resumed_with_a_reward_equals_never_interrupted_bit_for_bit(rewarded: Made) -> None:
    broken, straight = rewarded

    assert [e.fields["resumed"] for e in recorded(broken) if e.kind == "started"] == [False, True]
    assert contents(broken) == contents(straight)


def test_the_scorer_is_pleased_more_than_in_the_control_which_trains_as_without(
    tmp_path: Path, settings: dict[str, Any], sharp_scorer: Path, rewarded: Made
) -> None:
    goal = read_config(rewarded[1].config).goal_kimg
    control = new_run(tmp_path / "c", goal_kimg=goal, reward=str(sharp_scorer), reward_weight=0.0, **settings)
    without = new_run(tmp_path / "w", goal_kimg=goal, **settings)
    assert [train(run).returncode for run in (control, without)] == [0, 0]

    assert contents(control) == contents(without)
    assert mean(rewarded[1], USED) > mean(control, USED) + 0.1
    assert 0 < mean(control, KEPT_OUT) < 1
    losses = [event.fields["losses"] for event in recorded(without) if event.kind == "progress"]
    assert not any(USED in values for values in losses)


def test_a_checkpoint_tells_the_scorer_and_the_weight(rewarded: Made, sharp_scorer: Path) -> None:
    said = describe_checkpoint(list_checkpoints(rewarded[0].checkpoints)[-1])

    assert said["reward"] == {"scorer": read_scorer(sharp_scorer).id, "weight": 3.0}


def test_another_weight_within_the_run_is_refused(tmp_path: Path, rewarded: Made) -> None:
    run = rewarded[0]
    before = read_config(run.config)
    write_config(run.config, replace(before, reward_weight=1.0))
    try:
        told = train(run)
    finally:
        write_config(run.config, before)

    assert told.returncode == 1
    assert "was trained with another reward or reward_weight" in told.stderr


def test_a_reward_without_a_start_or_a_useful_scorer_is_refused(
    tmp_path: Path, settings: dict[str, Any], sharp_scorer: Path
) -> None:
    fresh = new_run(tmp_path / "fresh", **{**settings, "start_from": None}, reward=str(sharp_scorer))
    told = train(fresh)
    assert told.returncode == 1
    assert "reward is for fine-tuning" in told.stderr

    run = new_run(tmp_path / "run", **settings, reward="nowhere")
    told = train(run)
    result = read_result(run.result)
    assert told.returncode == 1
    assert f"There is no scorer at {run.path / 'nowhere'}" in told.stderr
    assert result is not None
    assert result.outcome == "failed"


def test_the_command_line_refuses_a_weight_of_nothing(tmp_path: Path, settings: dict[str, Any]) -> None:
    new = ("train", "--run-dir", tmp_path / "w", "--data", settings["data"])

    told = finish(*new, "--reward-weight", "0.5")

    assert told.returncode == 1
    assert "reward_weight without a reward" in told.stderr
    assert not (tmp_path / "w").exists()
