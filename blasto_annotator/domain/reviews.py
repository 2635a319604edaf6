"""Realism review: what an expert says of one image (the source's protocol)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


@dataclass(frozen=True)
class Verdict:
    """One verdict. Realism and wrong class are independent; W alone is allowed."""

    realism: Realism | None
    wrong_class: bool = False
    defects: tuple[str, ...] = ()
    looks_like: str = ""
    """Name of the class it looks like, where the expert said so."""
    note: str = ""

    def __post_init__(self) -> None:
        unknown = [d for d in self.defects if d not in DEFECTS]
        if unknown:
            raise ValueError(f"unknown defects {unknown}; known are {list(DEFECTS)}")
        if self.realism is None and not self.wrong_class:
            raise ValueError("a verdict needs a realism or wrong class")


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
