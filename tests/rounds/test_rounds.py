"""A round's parts without a trainer: what is settled before the deed, and what is found again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ReviewSession
from blasto_annotator.rounds import arms, images, record
from blasto_annotator.rounds.arms import CONTROL, REWARDED
from blasto_annotator.rounds.images import plan_sessions
from blasto_annotator.rounds.record import (
    Round,
    RoundState,
    RoundWish,
    begin,
    finished_rounds,
    leave,
    newest_round,
    read_round,
    request_stop,
)
from blasto_annotator.rounds.sitting import Sitting
from blasto_annotator.rounds.steps import BATCH, EVALUATION, expected_seconds, steps_of
from blasto_annotator.rounds.walking import take_up, walk_round
from blasto_annotator.rounds.watch import RoundStopped, Watch
from blasto_annotator.store import Project
from blasto_annotator.training.generate import new_batch
from blasto_annotator.training.probe import TrainerInfo
from blasto_annotator.training.runs import list_runs
from gan.contract.config import read_config
from gan.contract.jsonfile import write_json
from gan.contract.leash import LEASH
from gan.contract.run_folder import RunFolder
from tests.curation import material

WISH = RoundWish("cpu-quick", per_class=2, readers=("Ana", "Boris"), who="Ana")
CPU = TrainerInfo("python", "2", "cpu", "", 2)


@pytest.fixture
def sitting(project: Project, tmp_path: Path) -> Sitting:
    """A round whose training set is written and whose scorer is of use."""
    material.labelled(project, tmp_path / "frames", {"good": 3, "average": 3, "poor": 3})
    current = begin(project, replace(WISH, reward=True))
    current.done = {"snapshot": build(project, current.wish.options(32)).id}
    current.done["scorer"] = {"name": "s1", "useful": True, "sentence": ""}
    return Sitting(project, current, Watch())


def test_the_control_differs_from_the_rewarded_run_in_the_reward_alone(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arms, "describe_trainer", lambda: CPU)
    start = sitting.project.runs / "r0" / "checkpoints" / "kimg-000001.000"
    start.mkdir(parents=True)
    write_json(start / "checkpoint.json", {"family": "stylegan2", "kimg": 1.0})
    sitting.current.claims["start"] = start.relative_to(sitting.project.folder).as_posix()
    made = [arms._make_run(sitting, arm) for arm in (REWARDED, CONTROL)]

    configs = [read_config(sitting.project.runs / name / "config.json") for name in made]

    assert made[0] != made[1]
    assert [config.reward for config in configs] == ["../../scorers/s1", None]
    assert replace(configs[0], reward=None) == configs[1]
    assert configs[0].start_from == "../r0/checkpoints/kimg-000001.000"
    trials = {row.name: row.trial for row in list_runs(sitting.project)}
    assert [trials[name] for name in made] == ["rewarded", "control"]  # neither starts a round by itself


def test_a_reward_without_a_model_to_start_from_is_refused_before_the_scorer(sitting: Sitting) -> None:
    del sitting.current.done["scorer"]
    with pytest.raises(UserError, match="no trained model to start from"):
        walk_round(sitting.project, sitting.current, Watch())
    assert list(sitting.current.said) == ["snapshot"]
    assert not (sitting.project.folder / "scorers").exists()


def test_a_run_that_was_made_before_the_kill_is_found_again(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arms, "describe_trainer", lambda: CPU)
    sitting.current.claims["start"] = ""
    first = arms._make_run(sitting, CONTROL)
    again = Sitting(sitting.project, read_round(sitting.current.path), Watch())
    (sitting.project.runs / "half").mkdir()

    assert arms._make_run(again, CONTROL) == first
    assert [row.subject for row in sitting.project.audit.rows() if row.action == "retrain"] == [
        f"run:{first}"
    ]


def test_a_half_batch_goes_and_the_next_has_another_name(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, current = sitting.project, sitting.current
    current.done["run"] = "r1"
    half = str(current.claim("batch", lambda: new_batch(project)))
    (project.batches / half / "images").mkdir(parents=True)
    made: list[str] = []

    def generated(*_: Any, name: str, **__: Any) -> Path:
        made.append(name)
        material.batch(project, name)
        return project.batches / name

    monkeypatch.setattr(images.generate, "generate_batch", generated)
    monkeypatch.setattr(images, "find_run", lambda *_: RunFolder(project.runs / "r1"))

    first, again = (images._batch(sitting, REWARDED) for _ in range(2))

    assert first == again == {"id": made[0], "images": 6, "scorer": None}
    assert len(made) == 1
    assert made[0] != half
    assert not (project.batches / half).exists()


def test_the_sides_of_a_trial_are_reviewed_at_seeds_of_their_own(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, seeds = sitting.project, []
    sitting.current.done |= {"run": "r1", "control_run": "r2"}

    def generated(_: Project, __: Path, per_class: int, seed: int, *, name: str, **___: Any) -> Path:
        seeds.append(range(seed, seed + 3 * per_class))
        material.batch(project, name)
        return project.batches / name

    monkeypatch.setattr(images.generate, "generate_batch", generated)
    monkeypatch.setattr(images, "find_run", lambda _, name: RunFolder(project.runs / name))

    for arm in (REWARDED, CONTROL):
        images._batch(sitting, arm)

    assert not set(seeds[0]) & set(seeds[1])


@pytest.mark.parametrize("fails", [2, 3])
def test_why_images_could_not_be_chosen_is_said_once_and_only_where_it_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    said: list[str] = []
    current = begin(project, WISH)
    current.done = {"run": "r1", "scorer": {"name": "s1", "useful": True}}
    left = iter(range(fails))

    def generated(*_: Any, name: str, **__: Any) -> Path:
        if next(left, None) is not None:
            raise UserError("The disk is full.")
        material.batch(project, name)
        return project.batches / name

    monkeypatch.setattr(images.generate, "generate_batch", generated)
    monkeypatch.setattr(images, "find_run", lambda *_: RunFolder(project.runs / "r1"))
    monkeypatch.setattr(images, "bar_for", lambda *_: None)
    sitting = Sitting(project, current, Watch(note=said.append))

    if fails == 3:  # at the bar, scored only, and without the scorer
        with pytest.raises(UserError, match="disk is full"):
            images._batch(sitting, images.arms_of(current)[0])
    else:
        images._batch(sitting, images.arms_of(current)[0])

    assert said == ([] if fails == 3 else ["The disk is full."])


def test_a_kill_between_two_readers_doubles_neither(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    material.batch(project, per_class=4)
    current = begin(project, WISH)
    current.done = {"batch": {"id": "b1", "scorer": None}, "scorer": {"useful": False}}
    start: Callable[..., ReviewSession] = project.reviews.start

    def once(batch: str, reader: str, *rest: Any) -> ReviewSession:
        if reader == "Boris":
            raise KeyboardInterrupt
        return start(batch, reader, *rest)

    with monkeypatch.context() as killed:
        killed.setattr(project.reviews, "start", once)
        with pytest.raises(KeyboardInterrupt):
            plan_sessions(Sitting(project, current, Watch()))
    again = read_round(current.path)
    said = plan_sessions(Sitting(project, again, Watch()))

    sessions = project.reviews.sessions("b1")
    assert [one.reviewer for one in sessions] == ["Ana", "Boris"]
    shown = [{item.sha256 for item in one.items} for one in sessions]
    assert shown[0] == shown[1]
    assert [one["session"] for one in again.done["review"]] == [one.id for one in sessions]
    assert said.startswith("The review waits for Ana (")


def test_a_stop_is_kept_and_said_and_the_next_walk_forgets_it(project: Project) -> None:
    current = begin(project, WISH)
    with pytest.raises(RoundStopped, match="Round 1 was stopped"):
        walk_round(project, current, Watch(asked=lambda: True))
    stopped = newest_round(project)
    assert stopped is not None
    assert stopped.state() is RoundState.STOPPED
    request_stop(stopped)

    waiting, waited = take_up(project, WISH, afresh=False)
    with pytest.raises(UserError, match="No labelled frame can enter"):
        walk_round(project, waiting, Watch())

    assert waited
    failed = read_round(current.path)
    assert failed.state() is RoundState.FAILED
    assert failed.trouble["sentence"].startswith("No labelled frame can enter")


def test_no_round_begins_while_one_waits_and_of_two_that_begin_at_once_one_does(project: Project) -> None:
    def attempt(_: int) -> str:
        try:
            return f"begun {begin(project, WISH).number}"
        except UserError as error:
            return str(error)

    with ThreadPoolExecutor(4) as windows:
        told = list(windows.map(attempt, range(4)))

    assert told.count("begun 1") == 1
    assert told.count("Round 1 waits: go on with it, or leave it before another begins.") == 3
    newest = newest_round(project)
    assert newest is not None
    leave(newest)
    assert begin(project, WISH).number == 2


def test_a_round_begun_afresh_leaves_the_one_before_and_counts_on(project: Project) -> None:
    begin(project, WISH)
    made, waited = take_up(project, WISH, afresh=True)

    assert (made.number, waited) == (2, False)
    assert read_round(made.path.with_name("0001.json")).state() is RoundState.LEFT
    assert [row.subject for row in project.audit.rows() if row.action == "round"] == ["round:1", "round:2"]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (replace(WISH, readers=("Ana", "Ana")), "named twice"),
        (replace(WISH, readers=(" ",)), "not at all"),
        (replace(WISH, teach=True, reward=True), "drawn by chance"),
        (replace(WISH, preset="nope"), "There is no preset 'nope'"),
        (replace(WISH, snapshot="zz"), "Snapshot zz does not exist"),
        (replace(WISH, start="gone"), "There is no run “gone”"),
        (replace(WISH, device="cuda"), "There is no device cuda for the trainer's Python python; use auto."),
    ],
)
def test_a_wish_that_cannot_be_is_refused(
    project: Project, wish: RoundWish, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "describe_trainer", lambda: CPU)
    with pytest.raises(UserError, match=why):
        begin(project, wish)
    assert newest_round(project) is None


def test_a_rewarded_round_learns_the_scorer_before_it_trains_twice() -> None:
    names = [step.name for step in steps_of(replace(WISH, reward=True))]
    assert names == ["snapshot", "scorer", "training", "control", "evaluation", "batch", "review"]


def test_earlier_rounds_of_the_preset_say_how_long_a_step_takes(project: Project) -> None:
    def finished(number: int, preset: str, seconds: float, per_class: int) -> None:
        path = project.folder / "rounds" / f"{number:04d}.json"
        done = {"finished_utc": "2026-01-01T00:00:00+00:00"}
        times = {EVALUATION: seconds, BATCH: seconds}
        wish = replace(WISH, preset=preset, per_class=per_class)
        Round(path, wish, done, seconds=times).write()

    for number, (preset, seconds, per_class) in enumerate(
        (("gpu", 999.0, 2), ("cpu-quick", 10.0, 2), ("cpu-quick", 30.0, 2)), 1
    ):
        finished(number, preset, seconds, per_class)

    found = expected_seconds(finished_rounds(project, 3), replace(WISH, per_class=4))

    assert found == {EVALUATION: 20.0, BATCH: 40.0}  # medians; twice the images take twice the time


HOLDER = f"""
import os, subprocess, sys
body = "import gan.contract.leash as l, time; l.stay_on_leash(); print(flush=True); time.sleep(600)"
env = {{**os.environ, {LEASH!r}: str(os.getpid())}}
child = subprocess.Popen([sys.executable, "-c", body], env=env, stdout=subprocess.PIPE)
child.stdout.readline()
os._exit(0)
"""


def test_a_child_on_the_leash_ends_with_its_holder() -> None:
    """The child holds stderr, too: that it can be read to its end says that the child has gone."""
    holder = subprocess.run([sys.executable, "-c", HOLDER], stderr=subprocess.PIPE, check=True)
    assert holder.stderr == b""
