"""`train`: one sitting of a run."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from gan.contract.config import RunConfig, write_config
from gan.contract.errors import UserError
from gan.contract.locking import AlreadyLockedError, FileLock
from gan.contract.run_folder import RunFolder, RunState

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
    unconditional: Annotated[bool, typer.Option(help="Ignore the labels.", rich_help_panel=NEW)] = False,
    mirror: Annotated[
        bool | None,
        typer.Option("--mirror/--no-mirror", help="Also show every image mirrored.", rich_help_panel=NEW),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="A family's option, such as r1_gamma=0.5; repeatable.", rich_help_panel=NEW),
    ] = None,
    console: Annotated[bool, typer.Option(help="Log to the terminal instead of log.txt.")] = False,
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
    given = {name: value for name, value in chosen.items() if value is not None}
    _prepare(run, data, preset, given, option or [], unconditional)
    raise typer.Exit(_sit(run, console))


def _prepare(
    run: RunFolder,
    data: Path | None,
    preset: str,
    given: dict[str, Any],
    options: list[str],
    unconditional: bool,
) -> None:
    """Writes the configuration of a new run.

    Raises:
        UserError: the folder has a run already, or lacks one and no data is named.
    """
    if run.config.exists():
        if data is not None or given or options or unconditional:
            raise UserError(
                f"{run.path} has a run already: resume it with --run-dir alone, "
                "or name another folder for a new run."
            )
        return
    if data is None:
        raise UserError(f"There is no {run.config}: name a run folder, or give --data to start a new run.")
    from gan.cli.new_run import new_config

    config = new_config(data, preset, unconditional)
    config = replace(config, **given, options={**config.options, **_parsed(options)})
    run.path.mkdir(parents=True, exist_ok=True)
    write_config(run.config, _checked(config, run.config))


def _checked(config: RunConfig, path: Path) -> RunConfig:
    from gan.training.settings import check_config

    check_config(config, path)
    return config


def _parsed(options: list[str]) -> dict[str, Any]:
    """`name=value` pairs; values are JSON where they can be, else text."""
    values: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals or not name:
            raise UserError(f"--option {option!r} is not name=value, such as r1_gamma=0.5.")
        try:
            values[name.strip()] = json.loads(text)
        except ValueError:
            values[name.strip()] = text
    return values


def _sit(run: RunFolder, console: bool) -> int:
    """Holds the run's lock, redirects the output, trains; returns the exit status."""
    from gan.training.streams import redirect, say

    try:
        lock = FileLock(run.alive, patience=1.0)
    except AlreadyLockedError as error:
        raise UserError(
            f"{run.path} is being trained by another process: wait for it, or stop it first."
        ) from error
    streams = redirect(None if console else run.log)
    try:
        result = _train(run, streams.events)
    finally:
        lock.release()
    if result.outcome == RunState.FAILED:
        say(streams, result.message)
        return 1
    return 0


def _train(run: RunFolder, events: int) -> Any:
    from gan.training.reporter import Listener, Reporter
    from gan.training.stopping import StopRequest

    run.result.unlink(missing_ok=True)
    stop = StopRequest(run.stop)
    stop.listen()
    stop.forget_file()
    listener = Listener(events)
    try:
        from gan.training.run import train_run  # torch: after the redirection and the signals

        return train_run(run, Reporter(run.events, listener.tell), stop)
    finally:
        listener.close()
        run.stop.unlink(missing_ok=True)
        os.close(events)
