"""Choosing real frames to mix into a review: labelled, of held-out embryos, spread over classes."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from blasto_annotator.curation.candidates import find_candidates
from blasto_annotator.curation.items import REAL, Item
from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.domain.reviews import ItemKind, ReviewSession
from blasto_annotator.store import Project
from gan.contract.snapshot_folder import SPLITS


def choose_controls(
    project: Project, wanted: Mapping[str, int], seed: int, readers: Collection[str] = ()
) -> list[Item]:
    """Labelled frames, at most so many of each class: with other shares the class would tell what is real.

    Of embryos that never were in a training split; within a class, each embryo gives one frame before any
    gives a second, and of a moment one focal plane only: who sees an embryo twice knows that it is real.
    Embryos that one of the `readers` has met before come last.
    """
    trained, met = trained_embryos(project), met_embryos(project, readers)
    items = [item for item in find_candidates(project, SnapshotOptions()).items if item.embryo not in trained]
    items.sort(key=lambda item: _shuffled(item.sha256, seed))
    items = _one_of_each(items, lambda item: (item.embryo, item.index, item.hpi))
    items.sort(key=lambda item: item.embryo in met)
    chosen = []
    for name, count in wanted.items():
        chosen += _in_turns([i for i in items if i.class_name == name], lambda item: item.embryo)[:count]
    return chosen


def met_embryos(
    project: Project, readers: Collection[str], before: ReviewSession | None = None
) -> frozenset[str]:
    """Embryos of which one of the readers graded a frame, or judged one in a review.

    `before`: only what was graded before this session was planned, and sessions planned earlier.
    """
    labels = [label for reader in readers for label in project.labels.current(reader)]
    frames = [label.frame_id for label in labels if before is None or label.time_utc < before.created_utc]
    for session in project.reviews.sessions() if readers else ():
        if session.reviewer in readers and (before is None or session.id < before.id):
            judged = project.reviews.of_session(session.id)
            real = [item for item in session.items if item.kind is ItemKind.REAL and item.position in judged]
            frames += [item.frame_id for item in real if item.frame_id is not None]
    return frozenset(frame.embryo for frame in project.frames.many(frames).values())


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
