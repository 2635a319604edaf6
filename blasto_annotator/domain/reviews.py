"""Realism review: what an expert says of one image (the source's protocol)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Realism(StrEnum):
    """How real an image looks."""

    PERFECT = "perfect"
    MINOR_FLAWS = "minor_flaws"
    IMPLAUSIBLE = "implausible"


DEFECTS: dict[str, str] = {
    "zona_thickness": "Zona thickness uneven or missing",
    "zona_merged": "Cell borders merged with the zona",
    "shape": "Angular or egg shape",
    "cell_borders": "Unclear cell borders",
    "mirror": "Mirror symmetry",
    "other": "Other",
}
"""Defect code to its sentence; the source's list."""
OWN_DEFECT = "own:"
"""Before a defect that the laboratory named itself."""


class Mode(StrEnum):
    """What a session asks of its reader."""

    RATE = "single"
    """Realism, wrong class and defects, one image at a time."""
    GRID = "grid"
    """The same for quick triage: one verdict for nine images at once, exceptions first."""
    CHOICE = "choice"
    """Real or generated?"""
    PAIR = "pair"
    """Which of two looks more real?"""

    @property
    def rates(self) -> bool:
        """Whether its verdicts rate realism, and so count as verdicts on an image."""
        return self in (Mode.RATE, Mode.GRID)


class Answer(StrEnum):
    """What a reader answers to a choice or a pair."""

    REAL = "real"
    GENERATED = "generated"
    LEFT = "left"
    RIGHT = "right"


REPEAT = "repeat"
"""Role of an image that comes a second time, for the reader's agreement with himself."""


def role_of(mode: Mode, repeat: bool = False) -> str:
    """Role of an item: empty for a plain rating, which alone counts as a verdict on an image."""
    parts = [] if mode.rates else [mode.value]
    return "-".join([*parts, REPEAT] if repeat else parts)


def defect_title(code: str) -> str:
    """The sentence of a defect code, the laboratory's own included."""
    return code.removeprefix(OWN_DEFECT) if code.startswith(OWN_DEFECT) else DEFECTS[code]


@dataclass(frozen=True)
class Stroke:
    """Where a defect is: a line of the brush."""

    defect: str
    """Code, or empty."""
    width: float
    """As a share of the image's side."""
    points: tuple[tuple[float, float], ...]
    """x and y from 0 to 1 over the image, from its top left corner."""

    def __post_init__(self) -> None:
        inside = all(0 <= value <= 1 for point in self.points for value in point)
        if not (self.points and inside and 0 < self.width <= 1):
            raise ValueError(f"{self} does not lie in the image")


@dataclass(frozen=True)
class Seen:
    """How an image was looked at before its verdict."""

    seconds: float | None = None
    """From its first paint to the verdict."""
    view: Mapping[str, float | str | bool] = field(default_factory=dict)
    """Zoom and adjustments on screen."""


@dataclass(frozen=True)
class Verdict:
    """One verdict: a rating, or the answer to a choice. Realism and wrong class are independent."""

    realism: Realism | None
    wrong_class: bool = False
    defects: tuple[str, ...] = ()
    looks_like: str = ""
    """Name of the class it looks like, or a grade such as 4AB, where the expert said so."""
    note: str = ""
    answer: Answer | None = None
    """To a choice or a pair; a rating has none."""
    strokes: tuple[Stroke, ...] = ()

    def __post_init__(self) -> None:
        unknown = [d for d in self.defects if d not in DEFECTS and not d.startswith(OWN_DEFECT)]
        if unknown:
            raise ValueError(f"unknown defects {unknown}; known are {list(DEFECTS)}")
        if self.realism is None and not self.wrong_class and self.answer is None:
            raise ValueError("a verdict needs a realism, wrong class or an answer")


class ItemKind(StrEnum):
    """What a review item really is; never shown before the reveal."""

    GENERATED = "generated"
    REAL = "real"


@dataclass(frozen=True)
class ReviewItem:
    """One image in a review session, in the session's order."""

    position: int
    """From 0."""
    kind: ItemKind
    sha256: str
    """Of the generated PNG, or of the real frame's source file."""
    class_name: str
    """The class it was generated as, or the group of its label."""
    image: str
    """Generated: path relative to the batch folder. Real: path relative to the snapshot or source."""
    frame_id: int | None = None
    """Real frames only."""
    role: str = ""
    """See `role_of`."""
    batch: str = ""
    """The batch that it comes from, where a session shows several; empty: the session's own."""
    partner: int | None = None
    """Pairs: position of the image that it is compared with. The left one carries the answer."""


@dataclass(frozen=True)
class ReviewSession:
    """A planned review: one reviewer, one batch, some real frames mixed in, a fixed random order."""

    id: int
    batch: str
    reviewer: str
    seed: int
    real_share: float
    created_utc: datetime
    items: tuple[ReviewItem, ...]
    mode: Mode = Mode.RATE
    plan: Mapping[str, Any] = field(default_factory=dict)
    """What was planned beyond the rest: seconds an image, share of repeats, ..."""


@dataclass(frozen=True)
class Review:
    """One row of the review table; append-only, the newest row of (reviewer, batch, image) counts."""

    id: int
    batch: str
    session_id: int | None
    """None: imported from a file."""
    reviewer: str
    kind: ItemKind
    sha256: str
    class_name: str
    image: str
    verdict: Verdict | None
    """None: withdrawn (undo)."""
    time_utc: datetime
    why: str
    role: str = ""
    """As the item's: only reviews with an empty role count as verdicts on an image."""
    seen: Seen = Seen()
