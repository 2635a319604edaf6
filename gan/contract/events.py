"""Events: JSON lines `{"v": 1, "event": ..., "time": ...}` that a trainer writes and a window follows.

| event | fields |
|---|---|
| started | pid, device, family, resolution, classes (names), images (count), parameters (count), kimg,
goal_kimg, resumed, effective_images, embryos, skipped (tensors left out of a start), skipped_groups (the
same in a few sentences), transfer (options that changed because of the start) |
| progress | kimg, goal_kimg, iteration, seconds (this sitting), seconds_per_kimg, seconds_left, memory_gb,
data_wait (share of step time), losses {name: mean}, ada_p |
| metric | kimg, name, value, n; n_real, features, deviation with distances; strength, threshold with leaks |
| sample | kimg, path (PNG grid, relative), columns (class names, one a column block), rows, columns_count |
| checkpoint | kimg, path (folder, relative) |
| warning, error | message |
| finished | outcome, kimg, seconds |

Four a second at most; bulky things by relative path; readers ignore unknown events and fields.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan.contract.jsonfile import finite

VERSION = 1
KNOWN = ("started", "progress", "metric", "sample", "checkpoint", "warning", "error", "finished")


@dataclass(frozen=True)
class Event:
    """One line of the record."""

    kind: str
    time: float
    """Seconds since the epoch, UTC."""
    fields: Mapping[str, Any]


def encode(kind: str, fields: Mapping[str, Any], now: float | None = None) -> str:
    """One line, with its line end. NaN and infinities become null: JSON has none."""
    moment = round(time.time() if now is None else now, 3)
    value = {"v": VERSION, "event": kind, "time": moment, **finite(fields)}
    return json.dumps(value, allow_nan=False) + "\n"


def decode(line: str) -> Event | None:
    """The event of a line; None for a broken line, an unknown version or an unknown event."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or value.get("v") != VERSION or value.get("event") not in KNOWN:
        return None
    moment = value.get("time")
    if isinstance(moment, bool) or not isinstance(moment, (int, float)):
        return None
    fields = {k: v for k, v in value.items() if k not in ("v", "event", "time")}
    return Event(str(value["event"]), float(moment), fields)


def read_events(path: Path, offset: int = 0) -> tuple[list[Event], int]:
    """Whole lines after byte `offset`, and the offset behind the last whole line."""
    if not path.exists():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    events = (decode(line) for line in whole.decode("utf-8", errors="replace").split("\n"))
    return [event for event in events if event is not None], offset + len(whole)
