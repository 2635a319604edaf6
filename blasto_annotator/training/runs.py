"""Runs of a project: made, listed and found by their folders alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from blasto_annotator import __version__
from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.disk import require_space, run_megabytes
from blasto_annotator.training.presets import Preset, require_start
from blasto_annotator.training.record import reached_kimg
from gan.contract.config import RunConfig, read_config, write_config
from gan.contract.jsonfile import read_json, write_json
from gan.contract.run_folder import RunFolder, RunState
from gan.contract.snapshot_folder import SnapshotInfo

ORIGIN = "origin.json"
"""Beside `config.json`: when, by whom, on which machine, from which snapshot and for what a run was made."""
REWARDED, CONTROL = "rewarded", "control"
"""The two sides of a trial of the reward."""


@dataclass(frozen=True)
class RunRow:
    """A run in a list."""

    folder: RunFolder
    name: str
    state: RunState
    kimg: float
    goal: float
    preset: str
    snapshot: str
    started_utc: str
    host: str
    """The machine that it was started on."""
    trial: str = ""
    """Which side of a trial of the reward it is; empty where it is none."""


def create_run(
    project: Project,
    snapshot: SnapshotInfo,
    preset: Preset,
    kimg: float | None = None,
    start_from: Path | None = None,
    who: str = "",
    overrides: Mapping[str, Any] | None = None,
    name: str = "",
    trial: str = "",
) -> RunFolder:
    """Writes a new run's folder with its configuration; nothing is started yet.

    `kimg` None keeps the preset's goal. `overrides` are further `RunConfig` fields, such as device or seed.
    `name` is the folder's, one that sorts by time where not given. `trial` says which side of a trial of the
    reward it is: no later training starts from such a run by itself.

    Raises:
        UserError: the snapshot has another size or no training image, the preset needs networks to start
            from, or the disk is full.
    """
    _check_snapshot(snapshot, preset)
    require_start(preset, start_from)
    folder = project.runs / (name or new_run(project, preset))
    config = _config(folder, snapshot, preset, kimg, start_from, overrides or {})
    require_space(project.runs, run_megabytes(config), "A training run")
    try:
        folder.mkdir(parents=True)
        _write_origin(folder, snapshot, who, trial)
        write_config(folder / "config.json", config)
    except OSError as error:
        raise UserError(f"The run folder {folder} cannot be written ({error.strerror}).") from error
    project.audit.append(who, "retrain", f"run:{folder.name}", None, _facts(snapshot, config))
    return RunFolder(folder)


def new_run(project: Project, preset: Preset) -> str:
    """A run's name that is free and sorts by time."""
    stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{preset.name}"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (project.runs / name).exists())


def list_runs(project: Project) -> list[RunRow]:
    """Every run of the project, newest first."""
    configs = project.runs.glob("*/config.json")
    rows = [row for row in (_row(config.parent) for config in configs) if row is not None]
    return sorted(rows, key=lambda row: (row.started_utc, row.name), reverse=True)


def find_run(project: Project, text: str) -> RunFolder:
    """The run that a person means: its folder, its name, or `latest`.

    Raises:
        UserError: there is none; the sentence names those there are.
    """
    rows = list_runs(project)
    if text == "latest" and rows:
        return rows[0].folder
    for folder in (project.runs / text, Path(text).expanduser()):
        if (folder / "config.json").exists():
            return RunFolder(folder.resolve())
    known = ", ".join(row.name for row in rows[:5])
    hint = f"the newest are {known}" if known else "start one with “blasto-annotator retrain”"
    raise UserError(f"There is no run “{text}” in {project.folder}; {hint}.")


def snapshot_of(config: RunConfig) -> str:
    """Id of the snapshot that a run trains on; empty where its data lies elsewhere."""
    folder = Path(config.data).parent
    return folder.name if folder.parent.name == "snapshots" else ""


def _row(folder: Path) -> RunRow | None:
    """A run's row; None where its configuration cannot be read (a folder that is not ours)."""
    run = RunFolder(folder)
    try:
        config = read_config(run.config)
    except (OSError, ValueError):
        return None
    origin = _read_origin(folder)
    return RunRow(
        folder=run,
        name=folder.name,
        state=run.state(),
        kimg=reached_kimg(run),
        goal=config.goal_kimg,
        preset=config.preset,
        snapshot=snapshot_of(config),
        started_utc=str(origin.get("created_utc", "")),
        host=str(origin.get("host", "")),
        trial=str(origin.get("trial", "")),
    )


def _check_snapshot(snapshot: SnapshotInfo, preset: Preset) -> None:
    if snapshot.size != preset.resolution:
        raise UserError(
            f"Snapshot {snapshot.id} has {snapshot.size} px and the preset {preset.name} trains at "
            f"{preset.resolution} px: build a snapshot of that size, or choose another preset."
        )
    if not sum(snapshot.counts.get("train", {}).values()):
        raise UserError(f"Snapshot {snapshot.id} has no training image: label more frames first.")


def _config(
    folder: Path,
    snapshot: SnapshotInfo,
    preset: Preset,
    kimg: float | None,
    start_from: Path | None,
    overrides: Mapping[str, Any],
) -> RunConfig:
    settings = {**preset.settings, "data": _relative(snapshot.path / "train", folder)}
    classes = () if preset.unconditional else snapshot.classes
    settings |= {"classes": classes, "preset": preset.name}
    if start_from is not None:
        settings["start_from"] = _relative(start_from, folder)
    config = RunConfig(**{**settings, **overrides})
    return config if kimg is None else replace(config, goal_kimg=kimg)


def _relative(path: Path, folder: Path) -> str:
    """`path` as seen from a run's folder, so that a project can be moved whole."""
    try:
        text = os.path.relpath(path.resolve(), folder.resolve())
    except ValueError:  # another drive on Windows
        return path.resolve().as_posix()
    return Path(text).as_posix()


def _write_origin(folder: Path, snapshot: SnapshotInfo, who: str, trial: str) -> None:
    value = {
        "v": 1,
        "created_utc": datetime.now(UTC).isoformat(timespec="microseconds"),
        "host": platform.node(),
        "snapshot": snapshot.id,
        "trial": trial,
        "version": __version__,
        "who": who,
    }
    write_json(folder / ORIGIN, value)


def _read_origin(folder: Path) -> Mapping[str, Any]:
    try:
        value = read_json(folder / ORIGIN)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _facts(snapshot: SnapshotInfo, config: RunConfig) -> dict[str, object]:
    return {
        "snapshot": snapshot.id,
        "preset": config.preset,
        "goal_kimg": config.goal_kimg,
        "start_from": config.start_from,
    }
