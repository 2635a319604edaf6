"""The configuration of a run as the command line asks for it: written for a new run, compared for an old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from gan.cli.base_settings import base_settings
from gan.contract.checkpoint import list_checkpoints
from gan.contract.config import RunConfig, write_config
from gan.contract.errors import UserError
from gan.contract.presets import Preset, read_preset
from gan.contract.run_folder import RunFolder, RunState
from gan.contract.snapshot_folder import read_snapshot
from gan.data.decode import image_size
from gan.data.listing import Listing, read_listing
from gan.data.source import Source, open_source, read_file
from gan.training.settings import check_config, load_config


@dataclass(frozen=True)
class Wishes:
    """What the command line says of a run's configuration."""

    data: Path | None
    preset: str
    unconditional: bool
    options: tuple[str, ...]
    """`name=value`, of the family."""
    chosen: Mapping[str, Any]
    """Fields of `RunConfig`; None leaves the preset's."""
    base: str | None = None
    """A base configuration instead of the preset."""
    gpus: int = 1
    """What the base configuration `auto` fits itself to."""

    @property
    def fields(self) -> dict[str, Any]:
        return {name: value for name, value in self.chosen.items() if value is not None}


def prepare_run(run: RunFolder, wishes: Wishes) -> None:
    """Writes the configuration of a new run (or of one that has learned nothing yet); makes sure that an
    old one's is as wished.

    Raises:
        UserError: the folder's run is another one, no data is named for a new one, or a value cannot be.
        OSError: the folder cannot be written.
    """
    if run.config.exists() and (wishes.data is None or _has_begun(run)):
        _require_same(run, wishes)
        return
    if wishes.data is None:
        raise UserError(f"There is no {run.config}: name a run folder, or give --data to start a new run.")
    config = _adjusted(new_config(wishes.data, wishes), wishes)
    if "reward_weight" in wishes.fields and config.reward is None:
        raise UserError("There is a reward_weight without a reward: name the scorer's folder with --reward.")
    check_config(config, run.config)
    _require_start(config)
    run.path.mkdir(parents=True, exist_ok=True)
    write_config(run.config, config)


def _has_begun(run: RunFolder) -> bool:
    return bool(list_checkpoints(run.checkpoints)) or run.state() is RunState.RUNNING


def _require_same(run: RunFolder, wishes: Wishes) -> None:
    """The command that made a run resumes it; a command for another run must not touch this one."""
    present = load_config(run.config)
    wished = present
    if wishes.data is not None:
        wished = new_config(wishes.data, wishes)
    wished = _adjusted(wished, wishes)
    other = [f.name for f in fields(RunConfig) if getattr(wished, f.name) != getattr(present, f.name)]
    if other:
        raise UserError(
            f"{run.path} holds a run with another {', '.join(other)}: resume it with --run-dir alone, "
            "or name another folder for a new run."
        )


def _adjusted(config: RunConfig, wishes: Wishes) -> RunConfig:
    return replace(config, **wishes.fields, options={**config.options, **_parsed(wishes.options)})


def _parsed(options: tuple[str, ...]) -> dict[str, Any]:
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


def new_config(data: Path, wishes: Wishes) -> RunConfig:
    """A run on `data` with the settings of the preset or base; size, channels and classes are the data set's.

    Raises:
        UserError: no such preset or base, or the data set cannot be trained on.
    """
    with open_source(data) as source:
        listing = read_listing(source)
        size, channels = _form(source, listing.names[0])
        classes = _classes(listing, source)
    if wishes.base is not None:
        settings = base_settings(wishes.base, wishes.gpus, int(wishes.fields.get("resolution", size)))
        unconditional = wishes.unconditional
    else:
        preset = _preset(wishes.preset)
        settings = {**preset.settings, "preset": preset.name}
        unconditional = wishes.unconditional or preset.unconditional
    config = RunConfig(data=str(data.resolve()), resolution=size)
    found = {"resolution": size, "channels": channels, "classes": () if unconditional else classes}
    return replace(config, **{**settings, **found})


def _preset(name: str) -> Preset:
    try:
        return read_preset(name)
    except ValueError as error:
        raise UserError(str(error)) from error


def _require_start(config: RunConfig) -> None:
    try:
        preset = read_preset(config.preset)
    except ValueError:  # a base, or a preset of another version
        return
    if preset.needs_start and config.start_from is None:
        raise UserError(
            f"The preset {preset.name} starts from trained networks: name them with --start-from, "
            "or choose another preset."
        )


def _form(source: Source, name: str) -> tuple[int, int]:
    """Pixels a side and channels of the data set, by one of its images."""
    where = str(source.path / name)
    width, height, channels = image_size(read_file(source, name), where)
    if width != height or width < 16 or width & (width - 1):
        raise UserError(
            f"{where} is {width}x{height}, but training needs squares of 16, 32, 64, 128, 256, 512 or 1024 "
            "pixels: make the data set at such a size."
        )
    return width, channels


def _classes(listing: Listing, source: Source) -> tuple[str, ...]:
    """Class names from `dataset.json`, else the snapshot's beside it, else numbers."""
    if listing.labels is None:
        return ()
    if listing.classes:
        return listing.classes
    try:
        return read_snapshot(source.path.parent).classes
    except (OSError, ValueError, KeyError):  # a data set of another origin
        return tuple(str(number) for number in range(max(listing.labels) + 1))
