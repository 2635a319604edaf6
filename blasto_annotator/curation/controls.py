"""Choosing real frames to mix into a review: labelled, of held-out embryos first, spread over classes."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Sequence

from blasto_annotator.curation.candidates import find_candidates
from blasto_annotator.curation.items import REAL, Item
from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.store import Project
from gan.contract.snapshot_folder import SPLITS


def choose_controls(project: Project, classes: Sequence[str], count: int, seed: int) -> list[Item]:
    """At most `count` labelled frames of these classes (of all, where none are named).

    Embryos that never were in a training split come first; classes take turns; within a class, each embryo
    gives one frame before any gives a second.
    """
    trained = trained_embryos(project)
    items = [
        item
        for item in find_candidates(project, SnapshotOptions()).items
        if not classes or item.class_name in classes
    ]
    items.sort(key=lambda item: _shuffled(item.sha256, seed))
    turn: Counter[str] = Counter()
    order: list[tuple[bool, int, Item]] = []
    for item in items:
        order.append((item.embryo in trained, turn[item.embryo], item))
        turn[item.embryo] += 1
    order.sort(key=lambda entry: entry[:2])
    places: Counter[tuple[bool, str]] = Counter()
    ranked: list[tuple[bool, int, Item]] = []
    for known, _, item in order:
        ranked.append((known, places[known, item.class_name], item))
        places[known, item.class_name] += 1
    ranked.sort(key=lambda entry: entry[:2])
    return [item for _, _, item in ranked[:count]]


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
