"""Choosing real frames to mix into a review: labelled, of held-out embryos, spread over classes."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from blasto_annotator.curation.candidates import find_candidates
from blasto_annotator.curation.items import REAL, Item
from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.store import Project
from gan.contract.snapshot_folder import SPLITS


def choose_controls(project: Project, wanted: Mapping[str, int], seed: int) -> list[Item]:
    """Labelled frames, at most so many of each class: with other shares the class would tell what is real.

    Of embryos that never were in a training split; within a class, each embryo gives one frame before any
    gives a second.
    """
    trained = trained_embryos(project)
    items = [item for item in find_candidates(project, SnapshotOptions()).items if item.embryo not in trained]
    items.sort(key=lambda item: _shuffled(item.sha256, seed))
    chosen = []
    for name, count in wanted.items():
        chosen += _in_turns([i for i in items if i.class_name == name], lambda item: item.embryo)[:count]
    return chosen


def _in_turns(items: Sequence[Item], key: Callable[[Item], str]) -> list[Item]:
    """The first of each key, then the second of each, ..."""
    turn: Counter[str] = Counter()
    ranked = []
    for item in items:
        ranked.append((turn[key(item)], item))
        turn[key(item)] += 1
    return [item for _, item in sorted(ranked, key=lambda entry: entry[0])]


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
