"""Choosing real frames to mix into a review: labelled, of held-out embryos, spread over classes."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from blasto_annotator.curation.candidates import find_candidates
from blasto_annotator.curation.items import REAL, Item
from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.reviews import ReviewSession
from blasto_annotator.store import Project
from gan.contract.snapshot_folder import SPLITS

_When = TypeVar("_When", int, datetime)


def choose_controls(
    project: Project, wanted: Mapping[str, int], seed: int, met: Collection[str] = ()
) -> list[Item]:
    """Labelled frames, at most so many of each class: with other shares the class would tell what is real.

    Of embryos that never were in a training split; within a class, each embryo gives one frame before any
    gives a second, and of a moment one focal plane only: who sees an embryo twice knows that it is real.
    Embryos that were `met` by a reader before come last.
    """
    trained = trained_embryos(project)
    items = [item for item in find_candidates(project, SnapshotOptions()).items if item.embryo not in trained]
    items.sort(key=lambda item: _shuffled(item.sha256, seed))
    items = _one_of_each(items, lambda item: (item.embryo, item.index, item.hpi))
    items.sort(key=lambda item: item.embryo in met)
    chosen = []
    for name, count in wanted.items():
        chosen += _in_turns([i for i in items if i.class_name == name], lambda item: item.embryo)[:count]
    return chosen


@dataclass(frozen=True)
class Meetings:
    """When a reader first met each embryo: looked up once, it answers for any of the reader's sessions."""

    graded: Mapping[str, datetime]
    """Embryo -> when the oldest of the grades that stand was given to one of its frames."""
    judged: Mapping[str, int]
    """Embryo -> the first session in which one of its frames was judged."""

    def before(self, embryo: str, session: ReviewSession) -> bool:
        """Whether it was graded before this session was planned, or judged in one planned earlier."""
        graded, judged = self.graded.get(embryo), self.judged.get(embryo)
        return (graded is not None and graded < session.created_utc) or (
            judged is not None and judged < session.id
        )


def meetings(project: Project, reader: str, sessions: Iterable[ReviewSession]) -> Meetings:
    """Of one reader, from the labels and from what was judged in these sessions."""
    graded = [(label.frame_id, label.time_utc) for label in project.labels.current(reader)]
    judged = []
    for session in sessions:
        if session.reviewer == reader and any(item.frame_id is not None for item in session.items):
            places = project.reviews.of_session(session.id)
            shown = [item.frame_id for item in session.items if item.position in places]
            judged += [(frame, session.id) for frame in shown if frame is not None]
    frames = project.frames.many(frame for frame, _ in (*graded, *judged))
    return Meetings(_first(graded, frames), _first(judged, frames))


@dataclass(frozen=True)
class Met:
    """The embryos that readers have met until now: looked up when they are first asked for, and once."""

    project: Project
    readers: tuple[str, ...]

    @cached_property
    def of(self) -> Mapping[str, frozenset[str]]:
        """Reader -> embryos of which one frame or more was graded, or judged in a review."""
        sessions = self.project.reviews.sessions()
        found = {reader: meetings(self.project, reader, sessions) for reader in self.readers}
        return {reader: frozenset((*one.graded, *one.judged)) for reader, one in found.items()}

    @property
    def by_any(self) -> frozenset[str]:
        """Met by one reader or more."""
        return frozenset().union(*self.of.values())


def _first(met: Iterable[tuple[int, _When]], frames: Mapping[int, Frame]) -> dict[str, _When]:
    """Embryo -> the earliest; frames that are gone are left out."""
    found: dict[str, _When] = {}
    for frame, when in met:
        if frame in frames:
            embryo = frames[frame].embryo
            found[embryo] = min(when, found.get(embryo, when))
    return found


def _in_turns(items: Sequence[Item], key: Callable[[Item], str]) -> list[Item]:
    """The first of each key, then the second of each, ..."""
    turn: Counter[str] = Counter()
    ranked = []
    for item in items:
        ranked.append((turn[key(item)], item))
        turn[key(item)] += 1
    return [item for _, item in sorted(ranked, key=lambda entry: entry[0])]


def _one_of_each(items: Sequence[Item], key: Callable[[Item], object]) -> list[Item]:
    """The first item of each key."""
    found: dict[object, Item] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())


def trained_embryos(project: Project) -> set[str]:
    """Embryos in the training split of any snapshot of this project."""
    found: set[str] = set()
    for manifest in sorted(project.snapshots.glob("*/manifest.csv")):
        with manifest.open(encoding="utf-8", newline="") as file:
            found.update(
                row["embryo"]
                for row in csv.DictReader(file)
                if row["split"] == SPLITS[0] and row["origin"] == REAL
            )
    return found


def _shuffled(sha256: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{sha256}".encode()).hexdigest()
