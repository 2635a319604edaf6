"""The configuration of a new run, from a preset and a data set."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.presets import read_preset
from gan.data.decode import image_size
from gan.data.listing import Listing, read_listing
from gan.data.source import Source, open_source


def new_config(data: Path, preset: str, unconditional: bool) -> RunConfig:
    """A run on `data` with the preset's settings; size, channels and classes are the data set's.

    Raises:
        UserError: no such preset, or the data set cannot be trained on.
    """
    with open_source(data) as source:
        listing = read_listing(source)
        width, height, channels = image_size(
            source.read(listing.names[0]), str(source.path / listing.names[0])
        )
        classes = () if unconditional else _classes(listing, source)
    if width != height:
        raise UserError(f"{data} holds images of {width}x{height}: make them square first.")
    try:
        chosen = read_preset(preset)
    except ValueError as error:
        raise UserError(str(error)) from error
    settings: dict[str, Any] = {**chosen.settings, "options": dict(chosen.options), "preset": preset}
    config = RunConfig(data=str(data.resolve()), resolution=width)
    return replace(config, **{**settings, "resolution": width, "channels": channels, "classes": classes})


def _classes(listing: Listing, source: Source) -> tuple[str, ...]:
    """Class names from `dataset.json`, else the snapshot's beside it, else numbers."""
    if listing.labels is None:
        return ()
    if listing.classes:
        return listing.classes
    snapshot = source.path.parent / "snapshot.json"
    if snapshot.exists():
        return tuple(json.loads(snapshot.read_text(encoding="utf-8"))["classes"])
    return tuple(str(number) for number in range(max(listing.labels) + 1))
