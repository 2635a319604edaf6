"""Counts and summaries of embryos, kept up while an import adds their frames.

Reading an embryo's frames again after every batch would take longer than adding them. A tally counts only
where it is all that the project has of the embryo: where another count or summary is stored, frames are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What the frames of one embryo are that this import has added."""

    frames: int = 0
    _moments: set[str] = field(default_factory=set)
    _spans: dict[str, list[Any]] = field(default_factory=dict)
    """Phase -> itself, its first and its last hour."""
    _planes: dict[int | None, None] = field(default_factory=dict)
    _remarks: dict[str, None] = field(default_factory=dict)
    _numbers: list[int | None] = field(default_factory=lambda: [None, None])
    """The first and the last."""

    @property
    def moments(self) -> int:
        """Distinct moments."""
        return len(self._moments)

    def take(
        self, moment: str, plane: int | None, number: int | None, hpi: float | None, phase: str, remark: str
    ) -> None:
        """One more frame."""
        self.frames += 1
        self._moments.add(moment)
        self._planes[plane] = self._remarks[remark] = None
        span = self._spans.get(phase)
        if span is None:
            self._spans[phase] = [phase, hpi, hpi]
        elif hpi is not None:
            span[1] = hpi if span[1] is None else min(span[1], hpi)
            span[2] = hpi if span[2] is None else max(span[2], hpi)
        if number is not None:
            first, last = self._numbers
            if first is None or number < first:
                self._numbers[0] = number
            if last is None or number > last:
                self._numbers[1] = number

    def summary(self) -> dict[str, Any] | None:
        """What `summaries` would read from the frames; None while there are none."""
        if not self.frames:
            return None
        spans = [list(span) for span in self._spans.values()]
        planes, remarks = list(self._planes), list(self._remarks)
        return {"spans": spans, "planes": planes, "remarks": remarks, "numbers": list(self._numbers)}

    def is_all_of(self, frames: int, summary: Mapping[str, Any] | None) -> bool:
        """Whether the stored count and summary are this tally's: nobody else has touched the embryo."""
        return (frames, summary) == (self.frames, self.summary())
