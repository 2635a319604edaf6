"""The sentence that says what a retraining will do."""

from __future__ import annotations

import platform
from dataclasses import replace

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training import models
from blasto_annotator.training import plan as training_plan
from blasto_annotator.training.plan import TrainingSet, plan_of_snapshot, retrain_plan, training_set
from blasto_annotator.training.probe import TrainerInfo
from blasto_annotator.training.runs import CONTROL, ORIGIN, RunRow, create_run, list_runs
from gan.contract.events import encode
from gan.contract.jsonfile import read_json, write_json
from gan.contract.snapshot_folder import SnapshotInfo
from tests.training.conftest import write_snapshot
from tests.training.presets import TINY
from tests.training.test_runs import finish

CPU = TrainerInfo("python", "2.9", "cpu", "CPU", 2)
SOME = TrainingSet({"good": 130, "average": 140, "poor": 142}, {}, 36)


def test_the_sentence_names_images_classes_embryos_size_start_device_and_time(project: Project) -> None:
    plan = retrain_plan(project, SOME, TINY, CPU)

    # TINY: 2 kimg, 10 minutes by its hint
    assert plan.sentence == (
        "Train StyleGAN2-ADA on 412 real images (good 130, average 140, poor 142) from 36 embryos at 32 px, "
        "starting from scratch, on the CPU (2 cores), 2 kimg, about 10 minutes."
    )
    assert not plan.measured


def test_the_start_model_and_generated_images_are_named(project: Project, snapshot: SnapshotInfo) -> None:
    checkpoint = finish(create_run(project, snapshot, TINY), 2.0)
    mixed = replace(SOME, generated={"good": 12, "average": 0, "poor": 8})

    plan = retrain_plan(project, mixed, TINY, CPU, start_from=checkpoint)

    assert "and 20 generated images that reviewers rated perfect" in plan.sentence
    assert "'s model (2 kimg)" in plan.sentence


def test_a_trial_that_waits_for_a_decision_is_said(project: Project, snapshot: SnapshotInfo) -> None:
    before = finish(create_run(project, snapshot, TINY), 2.0)
    trial = create_run(project, snapshot, TINY, trial=CONTROL)
    finish(trial, 2.0)

    plan = retrain_plan(project, SOME, TINY, replace(CPU, remark="A card is idle."), start_from=before)

    assert plan.warnings == plan.remarks
    assert plan.remarks[0] == "A card is idle."
    assert f"A trial of the reward is newer ({trial.path.name})" in plan.remarks[1]


def test_a_plan_lists_the_runs_once(
    project: Project, snapshot: SnapshotInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(create_run(project, snapshot, TINY), 2.0)
    listed: list[Project] = []

    def counted(asked: Project) -> list[RunRow]:
        listed.append(asked)
        return list_runs(asked)

    for module in (models, training_plan):
        monkeypatch.setattr(module, "list_runs", counted)

    plan = plan_of_snapshot(project, snapshot, TINY, CPU, None, "")

    assert plan.start_from is not None
    assert len(listed) == 1


def test_time_scales_with_the_goal_and_is_measured_where_this_machine_trained_before(
    project: Project, snapshot: SnapshotInfo
) -> None:
    assert retrain_plan(project, SOME, TINY, CPU, kimg=1.0).minutes == 5.0  # half of the hint's goal
    run = create_run(project, snapshot, TINY)
    run.events.write_text(
        encode("started", {"device": "cpu"})
        + encode("progress", {"kimg": 1.0, "iteration": 250, "seconds_per_kimg": 90.0})
    )

    plan = retrain_plan(project, SOME, TINY, CPU)

    assert plan.measured
    assert plan.minutes == 3.0  # 90 s a kimg, 2 kimg


def test_the_speed_of_another_machine_or_device_is_no_measure(
    project: Project, snapshot: SnapshotInfo
) -> None:
    run = create_run(project, snapshot, TINY)
    progress = encode("progress", {"kimg": 1.0, "iteration": 250, "seconds_per_kimg": 1.0})
    run.events.write_text(encode("started", {"device": "cuda:0"}) + progress)
    assert not retrain_plan(project, SOME, TINY, CPU).measured

    run.events.write_text(encode("started", {"device": "cpu"}) + progress)
    assert retrain_plan(project, SOME, TINY, CPU).measured
    run.events.write_text(encode("progress", {"kimg": 0.02, "iteration": 5, "seconds_per_kimg": 9.0}))
    assert not retrain_plan(project, SOME, TINY, CPU).measured  # the first steps are no measure

    run.events.write_text(encode("started", {"device": "cpu"}) + progress)
    write_json(run.path / ORIGIN, {**read_json(run.path / ORIGIN), "host": platform.node() + "-other"})
    assert not retrain_plan(project, SOME, TINY, CPU).measured


def test_a_class_without_images_is_warned_of_and_none_at_all_is_refused(project: Project) -> None:
    plan = retrain_plan(project, replace(SOME, real={"good": 3, "average": 0, "poor": 1}), TINY, CPU)
    assert plan.warnings == ("No training image of average: the generator cannot learn what it never saw.",)

    with pytest.raises(UserError, match="nothing to train on"):
        retrain_plan(project, replace(SOME, real={"good": 0}), TINY, CPU)


def test_a_built_snapshot_is_counted_from_its_manifest(project: Project) -> None:
    counted = training_set(write_snapshot(project, per_class=6, generated=2))

    assert counted.real == {"good": 4, "average": 4, "poor": 4}
    assert counted.generated == {"good": 2, "average": 2, "poor": 2}
    assert counted.embryos == 6  # two images an embryo; the generated ones are of none
