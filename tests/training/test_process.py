"""Trainers as real child processes: started, followed, stopped, killed, resumed, refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.command import child_environment
from blasto_annotator.training.process import (
    follow,
    record_end,
    resume,
    start,
    stop,
    stop_and_wait,
    wait_until_running,
)
from blasto_annotator.training.record import failure_reason, last_event, newest_checkpoint, reached_kimg
from blasto_annotator.training.runs import create_run, list_runs
from gan.contract.checkpoint import describe_checkpoint
from gan.contract.events import Event
from gan.contract.result import read_result
from gan.contract.run_folder import RunFolder, RunState
from gan.contract.snapshot_folder import SnapshotInfo
from tests.training.presets import TINY

Children = list[subprocess.Popen[bytes]]
ENDLESS = 1000.0
"""kimg that no test waits for."""


def until(kind: str, act: Callable[[], None], times: int = 1) -> Callable[[Event], None]:
    """Acts once, when the event has come so many times."""
    seen: list[Event] = []

    def on_event(event: Event) -> None:
        seen.extend([event] if event.kind == kind else [])
        if len(seen) == times and event.kind == kind:
            act()

    return on_event


def test_a_run_trains_to_its_goal_and_is_then_refused(
    project: Project, snapshot: SnapshotInfo, children: Children
) -> None:
    run, events = create_run(project, snapshot, TINY, kimg=0.04), list[Event]()
    children.append(start(run))

    state = follow(run, events.append, children[0])

    kinds = [event.kind for event in events]
    result = read_result(run.result)
    assert state is RunState.FINISHED
    assert (kinds[0], kinds[-1]) == ("started", "finished")
    assert {"progress", "sample", "checkpoint"} <= set(kinds)
    assert result is not None
    assert result.kimg == pytest.approx(0.04, abs=0.004)
    assert list_runs(project)[0].state is RunState.FINISHED
    with pytest.raises(UserError, match="has reached its goal"):
        start(run)


def test_a_stopped_run_has_saved_and_goes_on_where_it_stopped(
    project: Project, snapshot: SnapshotInfo, children: Children
) -> None:
    run = create_run(project, snapshot, TINY, kimg=ENDLESS)
    children.append(start(run))

    state = follow(run, until("progress", lambda: stop(run)), children[0])

    checkpoint = newest_checkpoint(run)
    assert state is RunState.STOPPED
    assert checkpoint is not None
    reached = describe_checkpoint(checkpoint)["kimg"]
    offset = record_end(run)
    children.append(resume(run))
    state = follow(run, until("progress", lambda: stop(run), 2), children[1], offset)
    again = last_event(run, "started")
    assert again is not None
    assert (again.fields["resumed"], again.fields["kimg"]) == (True, pytest.approx(reached))
    assert state is RunState.STOPPED
    assert reached_kimg(run) > reached


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_trainer_loses_at_most_what_came_after_its_last_checkpoint(
    project: Project, snapshot: SnapshotInfo, children: Children
) -> None:
    run = create_run(project, snapshot, TINY, kimg=ENDLESS)
    children.append(start(run))

    state = follow(run, until("checkpoint", children[0].kill, 2), children[0])

    saved = last_event(run, "checkpoint")
    assert state is RunState.INTERRUPTED
    assert saved is not None
    children.append(resume(run))
    wait_until_running(run, children[1])
    assert stop_and_wait(run, children[1]) is RunState.STOPPED
    again = last_event(run, "started")
    assert again is not None
    assert again.fields["resumed"]
    assert again.fields["kimg"] >= saved.fields["kimg"]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_trainer_outlives_the_terminal_that_started_it_and_another_follows_it(
    project: Project, snapshot: SnapshotInfo, tmp_path: Path
) -> None:
    run = create_run(project, snapshot, TINY, kimg=ENDLESS)
    script = (
        "import sys\nfrom pathlib import Path\nfrom gan.contract.run_folder import RunFolder\n"
        "from blasto_annotator.training.process import start, wait_until_running\n"
        "run = RunFolder(Path(sys.argv[1]))\nchild = start(run)\nwait_until_running(run, child)\n"
        "print('running', flush=True)\nchild.wait()\n"
    )
    terminal = subprocess.Popen(
        [sys.executable, "-c", script, str(run.path)],
        stdout=subprocess.PIPE,
        env=child_environment(),
        start_new_session=True,
    )
    with terminal:
        assert terminal.stdout is not None
        assert terminal.stdout.readline() == b"running\n"
        os.killpg(terminal.pid, signal.SIGKILL)

    assert run.state() is RunState.RUNNING
    with pytest.raises(UserError, match="already running"):
        start(run)
    assert follow(run, until("progress", lambda: stop(run))) is RunState.STOPPED


def test_a_run_whose_data_is_gone_fails_with_a_sentence(
    project: Project, snapshot: SnapshotInfo, children: Children
) -> None:
    run = create_run(project, snapshot, TINY)
    (snapshot.path / "train" / "dataset.json").unlink()
    children.append(start(run))

    state = follow(run, lambda event: None, children[0])

    assert state is RunState.FAILED
    assert "dataset.json" in failure_reason(run) or "train" in failure_reason(run)


def test_a_folder_that_is_no_run_and_a_python_that_is_not_there_are_refused(
    project: Project, snapshot: SnapshotInfo, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"no config\.json"):
        start(RunFolder(tmp_path))
    run = create_run(project, snapshot, TINY)
    with pytest.raises(UserError, match="could not start"):
        start(run, str(tmp_path / "no-python"))
    with pytest.raises(UserError, match="nothing to stop"):
        stop(run)
