"""One image on its way into a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.domain.grades import Grade
from blasto_annotator.imaging.burned_in import Masks

REAL, GENERATED = "real", "generated"


@dataclass(frozen=True)
class Item:
    """A labelled frame, or a generated image that a reviewer rated."""

    path: Path
    """On this machine; never written down."""
    sha256: str
    """Of the file: what the label or the review belongs to."""
    origin: str
    source: str
    """Name of the source, or of the batch."""
    source_file: str
    """Relative to the source or the batch."""
    class_name: str
    reason: str
    """Why it is here."""
    embryo: str = ""
    """Empty for a generated image."""
    kin: str = ""
    """What a split may not divide: the couple where it is known, else the embryo."""
    frame_id: int | None = None
    """Real frames only."""
    plane: int | None = None
    index: int | None = None
    hpi: float | None = None
    grade: Grade | None = None
    grader: str = ""
    masks: Masks | None = None
    """Burned-in areas of its source, as a person confirmed them."""

    @property
    def order(self) -> tuple[object, ...]:
        """By embryo, in time, the middle plane first; the same on every machine."""
        plane = 0 if self.plane is None else self.plane
        time = (-1 if self.index is None else self.index, -1.0 if self.hpi is None else self.hpi)
        return (self.origin != REAL, self.embryo, *time, abs(plane), plane, self.sha256)
