"""A small snapshot in the contract's layout, and children that end with their test."""

from __future__ import annotations

import csv
import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.store import Project
from gan.contract.jsonfile import write_json
from gan.contract.snapshot_folder import MANIFEST_COLUMNS, SPLITS, SnapshotInfo, read_snapshot

CLASSES = ("good", "average", "poor")
SnapshotMaker = Callable[..., SnapshotInfo]


def write_snapshot(project: Project, size: int = 32, per_class: int = 6, generated: int = 0) -> SnapshotInfo:
    """Pictures of noise around a grey of their class; two images an embryo, all in the training split."""
    folder = project.snapshots / f"snap{size}x{per_class}g{generated}"
    rows = [
        _image(folder, size, index, number, generated)
        for index in range(len(CLASSES))
        for number in range(per_class)
    ]
    labels = [[row["file"].removeprefix("train/"), int(row["class_index"])] for row in rows]
    write_json(folder / "train" / "dataset.json", {"labels": labels, "classes": list(CLASSES)})
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, MANIFEST_COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    empty = dict.fromkeys(CLASSES, 0)
    counts = {split: dict.fromkeys(CLASSES, per_class) if split == "train" else empty for split in SPLITS}
    described = {"v": 1, "id": folder.name, "size": size, "classes": list(CLASSES), "counts": counts}
    write_json(folder / "snapshot.json", described)
    return read_snapshot(folder)


def _image(folder: Path, size: int, index: int, number: int, generated: int) -> dict[str, str]:
    rng = np.random.default_rng([index, number])
    pixels = rng.normal(60 + 60 * index, 20, (size, size)).clip(0, 255).astype(np.uint8)
    file = folder / "train" / "00000" / f"img{index}{number:07d}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)
    return {
        "file": file.relative_to(folder).as_posix(),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "origin": "generated" if number < generated else "real",
        "source": "noise",
        "embryo": f"{CLASSES[index]}-{number // 2}",
        "split": "train",
        "class": CLASSES[index],
        "class_index": str(index),
    }


@pytest.fixture
def snapshot(project: Project) -> SnapshotInfo:
    """18 images of 32 px from 9 embryos."""
    return write_snapshot(project)


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Trainer processes that are ended with the test, whatever became of it."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for child in started:
        if child.poll() is None:
            child.kill()
        child.wait()
