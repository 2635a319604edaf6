"""`train`: one sitting of a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gan.contract.errors import UserError
from gan.contract.locking import AlreadyLockedError, FileLock
from gan.contract.result import RunResult
from gan.contract.run_folder import RunFolder, RunState
from gan.training.outcome import close_run
from gan.training.reporter import Listener, Reporter
from gan.training.stopping import StopRequest
from gan.training.streams import redirect, say

NEW = "To start a new run"


def train(
    run_dir: Annotated[Path, typer.Option(help="The run's folder: everything about the run lies in it.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Folder or zip file in the StyleGAN tools' layout.", rich_help_panel=NEW),
    ] = None,
    preset: Annotated[
        str, typer.Option(help="Preset with the other settings.", rich_help_panel=NEW)
    ] = "cpu-quick",
    kimg: Annotated[
        float | None, typer.Option(help="Thousands of real images to show.", min=0.001, rich_help_panel=NEW)
    ] = None,
    start_from: Annotated[
        Path | None, typer.Option(help="Checkpoint or run whose networks to start from.", rich_help_panel=NEW)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all chance.", min=0, rich_help_panel=NEW)] = None,
    resolution: Annotated[
        int | None, typer.Option(help="Pixels a side; else the data set's.", rich_help_panel=NEW)
    ] = None,
    batch: Annotated[int | None, typer.Option(help="Images a step.", min=1, rich_help_panel=NEW)] = None,
    device: Annotated[
        str | None, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.", rich_help_panel=NEW)
    ] = None,
    precision: Annotated[
        str | None, typer.Option(help="auto, float32, bfloat16 or float16.", rich_help_panel=NEW)
    ] = None,
    unconditional: Annotated[
        bool, typer.Option("--unconditional", help="Ignore the labels.", rich_help_panel=NEW)
    ] = False,
    mirror: Annotated[
        bool | None,
        typer.Option("--mirror/--no-mirror", help="Also show every image mirrored.", rich_help_panel=NEW),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="A family's option, such as r1_gamma=0.5; repeatable.", rich_help_panel=NEW),
    ] = None,
    console: Annotated[
        bool, typer.Option("--console", help="Log to the terminal instead of log.txt.")
    ] = False,
) -> None:
    """Train a generator; the same command resumes.

    Needs a run folder with a config.json, or --data to start a new run. Events go to standard output and
    events.jsonl as JSON lines, all other output to log.txt. To stop and save: Ctrl+C, SIGTERM, or a file STOP
    in the folder.
    """
    run = RunFolder(run_dir)
    chosen = {
        "goal_kimg": kimg,
        "start_from": str(start_from.resolve()) if start_from else None,
        "seed": seed,
        "resolution": resolution,
        "batch": batch,
        "device": device,
        "precision": precision,
        "mirror": mirror,
    }
    from gan.cli.new_run import Wishes, prepare_run  # numpy

    wishes = Wishes(data, preset, unconditional, tuple(option or ()), chosen)
    try:
        prepare_run(run, wishes)
        status = _sit(run, console)
    except OSError as error:
        raise UserError(f"{error.filename or run.path} cannot be used: {error.strerror or error}.") from error
    raise typer.Exit(status)


def _sit(run: RunFolder, console: bool) -> int:
    """Holds the run's lock, redirects the output, trains; returns the exit status."""
    try:
        lock = FileLock(run.alive, patience=1.0)
    except AlreadyLockedError as error:
        raise UserError(
            f"{run.path} is being trained by another process: wait for it, or stop it first."
        ) from error
    streams = redirect(None if console else run.log)
    try:
        result = _train(run, streams.events)
    except Exception as error:
        say(streams, f"The trainer has a fault ({type(error).__name__}: {error}): see {run.log}.")
        raise
    finally:
        lock.release()
    if result.outcome == RunState.FAILED:
        say(streams, result.message)
        return 1
    return 0


def _train(run: RunFolder, events: int) -> RunResult:
    run.result.unlink(missing_ok=True)
    stop = StopRequest(run.stop)
    stop.listen()
    stop.forget_file()
    listener = Listener(events)
    try:
        return _with_torch(run, Reporter(run.events, listener.tell), stop)
    finally:
        listener.close()
        run.stop.unlink(missing_ok=True)
        os.close(events)


def _with_torch(run: RunFolder, reporter: Reporter, stop: StopRequest) -> RunResult:
    try:
        from gan.training.run import train_run  # torch: after the redirection and the signals
    except (ImportError, OSError) as error:  # OSError: a library of torch's is missing
        message = f"torch cannot be loaded ({error}): install it into this Python, or choose another."
        return close_run(run, reporter, RunState.FAILED, message)
    return train_run(run, reporter, stop)
