"""Simulated verdicts for the demonstration. No expert: a rule on pixels, and every table says so.

An image's class is guessed as the class whose mean real image it correlates with most; another than its own
is called wrong. The quarter of each class that correlates best with its own mean is called perfect, the
worst quarter implausible, the rest minor flaws.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import decode_grey
from gan.contract.batch_folder import PROVENANCE_FILE
from gan.contract.jsonfile import read_json
from gan.contract.snapshot_folder import SnapshotInfo

REVIEWER = "simulated (no expert)"

_Vector: TypeAlias = NDArray[np.float64]


def write_verdicts(batch: Path, snapshot: SnapshotInfo, file: Path) -> int:
    """Writes a verdict for each image of a batch in the columns of `reviews import`; returns how many."""
    means = _class_means(snapshot)
    with (batch / PROVENANCE_FILE).open(encoding="utf-8", newline="") as source:
        images = list(csv.DictReader(source))
    rows = []
    for name in snapshot.classes:
        own = [image["image"] for image in images if image["class_name"] == name]
        rows += _verdicts(batch, own, name, means)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["image", "realism", "wrong_class", "defects", "looks_like"])
        writer.writerows(rows)
    return len(rows)


def _verdicts(batch: Path, images: list[str], own: str, means: dict[str, _Vector]) -> list[tuple[str, ...]]:
    likeness = {image: _likeness(_vector(batch / image), means) for image in images}
    order = sorted(images, key=lambda image: -likeness[image][own])
    quarter = max(1, len(order) // 4)
    rows: list[tuple[str, ...]] = []
    for rank, image in enumerate(order):
        nearest = max(likeness[image], key=likeness[image].__getitem__)
        wrong = nearest != own
        realism = (
            "perfect" if rank < quarter else "implausible" if rank >= len(order) - quarter else "minor_flaws"
        )
        rows.append((image, realism, "yes" if wrong else "no", "", nearest if wrong else ""))
    return rows


def _likeness(image: _Vector, means: dict[str, _Vector]) -> dict[str, float]:
    return {name: float(image @ mean) for name, mean in means.items()}


def _class_means(snapshot: SnapshotInfo) -> dict[str, _Vector]:
    """Each class's mean training image, as a unit vector."""
    labels: list[tuple[str, int]] = read_json(snapshot.path / "train" / "dataset.json")["labels"]
    vectors: dict[str, list[_Vector]] = {name: [] for name in snapshot.classes}
    for file, index in labels:
        vectors[snapshot.classes[index]].append(_vector(snapshot.path / "train" / file))
    return {name: _unit(np.mean(own, axis=0)) for name, own in vectors.items() if own}


def _vector(file: Path) -> _Vector:
    return _unit(decode_grey(file).astype(np.float64).ravel())


def _unit(values: _Vector) -> _Vector:
    """Zero mean and length 1: the product of two such vectors is their correlation."""
    centred = values - values.mean()
    length = float(np.linalg.norm(centred))
    unit: _Vector = centred / length if length else centred
    return unit
