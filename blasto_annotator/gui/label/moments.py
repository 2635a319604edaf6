"""An embryo's frames as moments in time, each with its focal planes. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.labels import Label, LabelEntry

BLASTOCYST = ("tB", "tEB", "tHB")
"""Phases from which on an embryo is a blastocyst (Gomez et al. 2022)."""


@dataclass(frozen=True)
class Moment:
    """The focal planes of one embryo at one time."""

    frames: tuple[Frame, ...]
    """By rising plane."""

    @property
    def hpi(self) -> float | None:
        """Hours post insemination, where known."""
        return self.frames[0].hpi

    @property
    def phase(self) -> str:
        """Morphokinetic phase, where known."""
        return self.frames[0].phase

    @property
    def planes(self) -> tuple[int, ...]:
        """Micrometres from the middle plane, rising; empty where the source names none."""
        return tuple(frame.plane for frame in self.frames if frame.plane is not None)

    def at(self, plane: int | None) -> Frame:
        """The frame nearest to a plane; the middle one where none is asked for."""
        wanted = 0 if plane is None else plane
        return min(self.frames, key=lambda frame: abs((frame.plane or 0) - wanted))

    def beside(self, frame: Frame, steps: int) -> Frame:
        """The frame this many planes above (or below) another, stopping at the end."""
        place = self.frames.index(frame) + steps
        return self.frames[min(max(place, 0), len(self.frames) - 1)]


@dataclass(frozen=True)
class EmbryoSequence:
    """All moments of one embryo, in time order."""

    embryo_id: int
    moments: tuple[Moment, ...]

    def place_of(self, frame_id: int) -> int:
        """Which moment holds the frame.

        Raises:
            KeyError: none does.
        """
        for place, moment in enumerate(self.moments):
            if any(frame.id == frame_id for frame in moment.frames):
                return place
        raise KeyError(frame_id)

    def hours(self) -> list[float] | None:
        """The moments' hpi, where every moment has one."""
        hours = [moment.hpi for moment in self.moments if moment.hpi is not None]
        return hours if len(hours) == len(self.moments) else None


def place_at(moments: Sequence[Moment], hours: float) -> int | None:
    """The moment nearest in time; None where none has a time."""
    timed = [
        (abs(moment.hpi - hours), place) for place, moment in enumerate(moments) if moment.hpi is not None
    ]
    return min(timed)[1] if timed else None


def first_blastocyst(moments: Sequence[Moment]) -> int | None:
    """The first moment in a blastocyst's phase; None where the source marks none."""
    return next((place for place, moment in enumerate(moments) if moment.phase in BLASTOCYST), None)


def arrange(embryo_id: int, frames: Iterable[Frame]) -> EmbryoSequence:
    """Groups frames into moments: same time index, else same hpi; planes without a time are one moment."""
    moments: dict[tuple[str, float, str], list[Frame]] = {}
    for frame in frames:
        moments.setdefault(_moment(frame), []).append(frame)
    in_time = sorted(moments.values(), key=lambda planes: _order(planes[0]))
    return EmbryoSequence(embryo_id, tuple(Moment(tuple(sorted(planes, key=_plane))) for planes in in_time))


def places_of(sequence: EmbryoSequence, frame_ids: Iterable[int]) -> list[int]:
    """Places of the moments that have one of these frames."""
    ids = set(frame_ids)
    return [i for i, moment in enumerate(sequence.moments) if any(f.id in ids for f in moment.frames)]


def newest_entries(moments: Sequence[Moment], labels: Mapping[int, Label]) -> dict[int, LabelEntry]:
    """Place to the newest entry of any of the moment's planes, for moments that have one."""
    found: dict[int, LabelEntry] = {}
    for place, moment in enumerate(moments):
        of_it = sorted((labels[f.id] for f in moment.frames if f.id in labels), key=lambda label: label.id)
        entries = [label.entry for label in of_it if label.entry is not None]
        if entries:
            found[place] = entries[-1]
    return found


def said_beside(moment: Moment, frame: Frame, labels: Mapping[int, Label]) -> str:
    """What was said of another plane of the frame's moment, in a sentence; empty where nothing."""
    found = [labels[other.id] for other in moment.frames if other.id in labels and other.id != frame.id]
    if not found:
        return ""
    newest = max(found, key=lambda label: label.id)
    plane = next(other.plane for other in moment.frames if other.id == newest.frame_id)
    said = newest.entry.grade if newest.entry is not None and newest.entry.grade else "not gradable"
    return f"You labelled this moment on plane {plane or 0} µm: {said}. A grade here labels this plane too."


def phase_bands(moments: Sequence[Moment]) -> list[tuple[str, int, int]]:
    """Runs of one phase as (phase, first place, last place)."""
    bands = []
    for phase, group in groupby(range(len(moments)), key=lambda place: moments[place].phase):
        places = list(group)
        if phase:
            bands.append((phase, places[0], places[-1]))
    return bands


def _moment(frame: Frame) -> tuple[str, float, str]:
    if frame.index is not None:
        return ("index", frame.index, "")
    if frame.hpi is not None:
        return ("hpi", frame.hpi, "")
    return ("none", 0.0, "" if frame.plane is not None else frame.path)


def _order(frame: Frame) -> tuple[float, float, str]:
    index = -1 if frame.index is None else frame.index
    hpi = -1.0 if frame.hpi is None else frame.hpi
    return (index, hpi, _moment(frame)[2])


def _plane(frame: Frame) -> tuple[int, str]:
    return (frame.plane or 0, frame.path)
