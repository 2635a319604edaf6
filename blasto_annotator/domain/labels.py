"""Labels: what a grader said of the image that he saw. Append-only: a correction is one more row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blasto_annotator.domain.grades import Grade

NOT_GRADABLE_REASONS = (
    "out of focus",
    "empty well",
    "not a blastocyst",
    "out of the field of view",
    "collapsed",
    "degenerate",
    "obstructed",
    "other",
)


@dataclass(frozen=True)
class LabelEntry:
    """What a grader entered for one frame: a grade, or not gradable with a reason."""

    grade: Grade | None
    reason: str = ""
    """Why it is not gradable; required when there is no grade."""
    note: str = ""
    view: Mapping[str, float | str | bool] = field(default_factory=dict)
    """Zoom and adjustments on screen at the moment of grading."""

    def __post_init__(self) -> None:
        if self.grade is None and not self.reason:
            raise ValueError("a frame that is not gradable needs a reason")

    @property
    def gradable(self) -> bool:
        return self.grade is not None


@dataclass(frozen=True)
class Label:
    """One row of the label table."""

    id: int
    frame_id: int
    sha256: str
    """Content hash of the image that the grader saw."""
    grader: str
    entry: LabelEntry | None
    """None: this row withdraws the grader's label (undo)."""
    time_utc: datetime
    why: str
    """Empty for a plain label; `undo`, `redo`, `correction`, `import`, ..."""


@dataclass(frozen=True)
class Turn:
    """One image's part of an undo or redo."""

    frame_id: int
    sha256: str
    before: LabelEntry | None
    """What is to stand now, else the image keeps what was said of it since."""
    after: LabelEntry | None


@dataclass(frozen=True)
class Turned:
    """What undo or redo found and did, image by image."""

    labels: tuple[Label | None, ...]
    """What is the newest row now; None where there never was one."""
    overtaken: tuple[bool, ...]
    """Whether something else was said of the image since, which stays."""


def says_the_same(one: LabelEntry | None, other: LabelEntry | None) -> bool:
    """Whether two entries agree in all but what was on screen; None says nothing."""
    if one is None or other is None:
        return one is other
    return (one.grade, one.reason, one.note) == (other.grade, other.reason, other.note)
