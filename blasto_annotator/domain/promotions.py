"""Which model is in use, and since when. Append-only: going back is one more row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Promotion:
    """A person made a checkpoint the model in use."""

    id: int
    checkpoint: str
    """The checkpoint's folder, relative to the project."""
    who: str
    why: str
    time_utc: datetime
