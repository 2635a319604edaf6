"""Trainer processes: started so that they outlive window and terminal, followed by their run folder."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.training.command import NO_WINDOW, child_environment, trainer_command
from blasto_annotator.training.record import failure_reason, reached_kimg
from gan.contract.events import Event, read_events
from gan.contract.run_folder import RunFolder, RunState

POLL_SECONDS = 0.2


def start(run: RunFolder, interpreter: str = "") -> subprocess.Popen[bytes]:
    """Starts or resumes the run's trainer, detached. Keep the handle, or `wait()` on it, while it lives.

    Raises:
        UserError: it is running already, has reached its goal, or its Python does not start.
    """
    _check_startable(run)
    run.stop.unlink(missing_ok=True)
    try:
        with run.log.open("ab") as log:
            return detached(trainer_command(run.path, interpreter), log, run.path)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"The trainer of run {run.path.name} could not start ({reason}).") from error


def resume(run: RunFolder, interpreter: str = "") -> subprocess.Popen[bytes]:
    """Continues a stopped, failed or interrupted run from its newest checkpoint: the same command again."""
    return start(run, interpreter)


def stop(run: RunFolder) -> None:
    """Asks a living trainer to save a checkpoint and end; does not wait.

    Raises:
        UserError: no trainer is alive.
    """
    if run.state() is not RunState.RUNNING:
        raise UserError(f"Run {run.path.name} is not running: nothing to stop.")
    run.request_stop()


def follow(
    run: RunFolder,
    on_event: Callable[[Event], None],
    process: subprocess.Popen[bytes] | None = None,
    offset: int = 0,
    look: Callable[[], None] | None = None,
) -> RunState:
    """Hands on every event after byte `offset` until the trainer ends; returns the run's state then.

    Without `process` (another terminal or window started it) the run's lock tells whether it lives. `look`
    is called five times a second meanwhile.
    """
    while True:
        if look is not None:
            look()
        ended = process.poll() is not None if process else run.state() is not RunState.RUNNING
        events, offset = read_events(run.events, offset)
        for event in events:
            on_event(event)
        if ended:
            return run.state()
        time.sleep(POLL_SECONDS)


def wait_until_running(run: RunFolder, process: subprocess.Popen[bytes]) -> RunState:
    """Waits until the trainer has taken its lock or ended; a trainer loads torch for seconds first."""
    while process.poll() is None and run.state() is not RunState.RUNNING:
        time.sleep(POLL_SECONDS)
    return run.state()


def stop_and_wait(run: RunFolder, process: subprocess.Popen[bytes]) -> RunState:
    """Asks until the trainer has saved and ended: one that only starts up forgets an earlier request."""
    while process.poll() is None:
        if not run.stop.exists():
            run.request_stop()
        time.sleep(POLL_SECONDS)
    return run.state()


def wait_until_ended(run: RunFolder) -> RunState:
    """Waits for a trainer that another terminal or window started."""
    return follow(run, lambda event: None, offset=record_end(run))


def record_end(run: RunFolder) -> int:
    """The record's present length: follow from here to see only the new sitting's events."""
    return run.events.stat().st_size if run.events.exists() else 0


def _check_startable(run: RunFolder) -> None:
    if not run.config.exists():
        raise UserError(f"{run.path} is not a run: it has no config.json.")
    state = run.state()
    if state is RunState.RUNNING:
        raise UserError(f"Run {run.path.name} is already running; follow or stop it instead.")
    if state is RunState.FINISHED:
        raise UserError(
            f"Run {run.path.name} has reached its goal of {reached_kimg(run):g} kimg; "
            "start a new run from its model to train further."
        )


def detached(command: list[str], log: IO[bytes], folder: Path) -> subprocess.Popen[bytes]:
    """A child in a session of its own: closing the terminal or the window does not reach it."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        **_own_session(),
    )


def check_state(run: RunFolder, state: str) -> str:
    """Hands a good state on.

    Raises:
        UserError: the training failed or its process was ended from outside.
    """
    if state == RunState.FAILED:
        raise UserError(f"Training failed in {run.path}: {failure_reason(run)}")
    if state == RunState.NOT_STARTED:
        raise UserError(f"The trainer of {run.path} ended before it began: {failure_reason(run)}")
    if state == RunState.INTERRUPTED:
        raise UserError(
            f"The trainer of {run.path} ended without a result at {reached_kimg(run):g} kimg "
            f"(see {run.log.name} there); “blasto-annotator resume” goes on from the newest checkpoint."
        )
    return state


def _own_session() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
