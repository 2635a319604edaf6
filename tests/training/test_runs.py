"""Run folders: made, listed, found, moved."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.models import choose_start, find_checkpoint, model_title, undecided_trial
from blasto_annotator.training.runs import CONTROL, REWARDED, create_run, find_run, list_runs
from gan.contract.config import read_config
from gan.contract.events import encode
from gan.contract.jsonfile import write_json
from gan.contract.result import RunResult, write_result
from gan.contract.run_folder import RunFolder, RunState
from gan.contract.snapshot_folder import SnapshotInfo
from tests.training.conftest import CLASSES
from tests.training.presets import TINY


def finish(
    run: RunFolder, kimg: float, outcome: str = "finished", classes: tuple[str, ...] = CLASSES
) -> Path:
    """Leaves what a trainer leaves: a checkpoint's description and a result."""
    checkpoint = run.checkpoints / f"kimg-{kimg:010.3f}"
    checkpoint.mkdir(parents=True)
    write_json(
        checkpoint / "checkpoint.json", {"family": "stylegan2", "classes": list(classes), "kimg": kimg}
    )
    path = checkpoint.relative_to(run.path).as_posix()
    write_result(run.result, RunResult(outcome, kimg, path, 60.0))
    return checkpoint


def test_a_new_run_holds_its_configuration_and_has_not_started(
    project: Project, snapshot: SnapshotInfo
) -> None:
    run = create_run(project, snapshot, TINY, kimg=0.5, who="Ana", overrides={"seed": 7})

    config = read_config(run.config)
    assert (config.resolution, config.classes, config.goal_kimg) == (32, CLASSES, 0.5)
    assert (config.preset, config.seed) == ("tiny", 7)
    assert run.state() is RunState.NOT_STARTED
    assert project.audit.rows(1, newest_first=True)[0].subject == f"run:{run.path.name}"


def test_the_data_is_found_from_the_run_folder_also_after_the_project_moved(
    project: Project, snapshot: SnapshotInfo, tmp_path: Path
) -> None:
    run = create_run(project, snapshot, TINY)
    data = read_config(run.config).data
    moved = tmp_path / "elsewhere"

    shutil.copytree(project.folder, moved)

    assert not Path(data).is_absolute()
    assert (moved / "runs" / run.path.name / data / "dataset.json").exists()


def test_runs_that_are_made_in_the_same_second_get_names_of_their_own(
    project: Project, snapshot: SnapshotInfo
) -> None:
    names = {create_run(project, snapshot, TINY).path.name for _ in range(3)}

    assert len(names) == 3


def test_a_snapshot_of_another_size_is_refused_with_both_sizes(
    project: Project, snapshot: SnapshotInfo
) -> None:
    with pytest.raises(UserError, match="64 px and the preset tiny trains at 32 px"):
        create_run(project, replace(snapshot, size=64), TINY)

    assert list_runs(project) == []


def test_a_snapshot_without_a_training_image_is_refused(project: Project, snapshot: SnapshotInfo) -> None:
    with pytest.raises(UserError, match="no training image"):
        create_run(project, replace(snapshot, counts={"train": {"good": 0}, "val": {"good": 3}}), TINY)


def test_the_list_reads_each_runs_state_and_reach_from_its_folder(
    project: Project, snapshot: SnapshotInfo
) -> None:
    done, broken, fresh = (create_run(project, snapshot, TINY) for _ in range(3))
    finish(done, 2.0)
    broken.events.write_text(encode("started", {"kimg": 0.0}) + encode("progress", {"kimg": 0.75}))

    rows = {row.name: row for row in list_runs(project)}

    assert rows[done.path.name].state is RunState.FINISHED
    assert rows[done.path.name].kimg == 2.0
    assert rows[broken.path.name].state is RunState.INTERRUPTED
    assert rows[broken.path.name].kimg == 0.75
    assert rows[fresh.path.name].state is RunState.NOT_STARTED
    assert rows[fresh.path.name].snapshot == snapshot.id
    assert next(iter(rows)) == fresh.path.name  # the newest first


def test_a_folder_that_is_no_run_is_left_out_of_the_list(project: Project, snapshot: SnapshotInfo) -> None:
    run = create_run(project, snapshot, TINY)
    stranger = project.runs / "stranger"
    stranger.mkdir()
    (stranger / "config.json").write_text("not JSON", encoding="utf-8")

    assert [row.name for row in list_runs(project)] == [run.path.name]


def test_a_run_is_found_by_name_by_folder_and_as_the_latest(project: Project, snapshot: SnapshotInfo) -> None:
    first, second = create_run(project, snapshot, TINY), create_run(project, snapshot, TINY)

    assert find_run(project, first.path.name).path.samefile(first.path)
    assert find_run(project, str(first.path)).path.samefile(first.path)
    assert find_run(project, "latest").path.samefile(second.path)


def test_a_run_that_is_not_there_is_refused_with_those_that_are(
    project: Project, snapshot: SnapshotInfo
) -> None:
    with pytest.raises(UserError, match="blasto-annotator retrain"):
        find_run(project, "latest")
    run = create_run(project, snapshot, TINY)

    with pytest.raises(UserError, match=run.path.name):
        find_run(project, "yesterday")


def test_a_retraining_starts_from_the_newest_ended_run_of_the_same_classes(
    project: Project, snapshot: SnapshotInfo
) -> None:
    assert choose_start(project) is None
    old, other, unfinished = (create_run(project, snapshot, TINY) for _ in range(3))
    wanted = finish(old, 2.0, "stopped")
    finish(other, 2.0, classes=("A", "B"))
    finish(unfinished, 1.0, "failed")

    assert choose_start(project) == wanted
    assert choose_start(project, ("A", "B")) is not None
    assert model_title(project, wanted) == f"run {old.path.name}'s model (2 kimg)"


def test_a_promoted_model_comes_before_newer_ones(project: Project, snapshot: SnapshotInfo) -> None:
    first, second = create_run(project, snapshot, TINY), create_run(project, snapshot, TINY)
    chosen = finish(first, 2.0)
    finish(second, 2.0)

    project.models.promote(chosen, "Ana")

    start = choose_start(project)
    assert start is not None
    assert start.samefile(chosen)
    assert model_title(project, start).startswith("the model in use")


def test_no_training_starts_from_a_trial_of_the_reward_by_itself(
    project: Project, snapshot: SnapshotInfo
) -> None:
    before = finish(create_run(project, snapshot, TINY), 2.0)
    rewarded, control = (create_run(project, snapshot, TINY, trial=side) for side in (REWARDED, CONTROL))
    finish(rewarded, 3.0)
    wanted = finish(control, 3.0)

    assert choose_start(project) == before
    assert [row.trial for row in list_runs(project)] == ["control", "rewarded", ""]
    assert undecided_trial(project, before) == [control.path.name, rewarded.path.name]

    project.models.promote(wanted, "Ana")  # the control has convinced
    assert choose_start(project) == wanted
    assert undecided_trial(project, wanted) == []


def test_a_trial_that_is_all_there_is_leaves_nothing_to_start_from_and_a_later_run_outdates_it(
    project: Project, snapshot: SnapshotInfo
) -> None:
    finish(create_run(project, snapshot, TINY, trial=CONTROL), 3.0)
    assert choose_start(project) is None
    assert len(undecided_trial(project, None)) == 1

    later = finish(create_run(project, snapshot, TINY), 1.0)
    assert choose_start(project) == later
    assert undecided_trial(project, later) == []


def test_a_checkpoint_is_found_by_folder_or_by_run(project: Project, snapshot: SnapshotInfo) -> None:
    run = create_run(project, snapshot, TINY)
    with pytest.raises(UserError, match="no checkpoint yet"):
        find_checkpoint(project, "latest")
    checkpoint = finish(run, 1.0)

    assert find_checkpoint(project, str(checkpoint)).samefile(checkpoint)
    assert find_checkpoint(project, run.path.name).samefile(checkpoint)


def test_a_full_disk_is_told_before_a_run_is_made(project: Project, snapshot: SnapshotInfo) -> None:
    greedy = replace(TINY, settings={**TINY.settings, "keep_checkpoints": 10**9})

    with pytest.raises(UserError, match=r"needs about .* GB on the disk .* are free"):
        create_run(project, snapshot, greedy)

    assert list(project.runs.iterdir()) == []
