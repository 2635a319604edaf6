"""Labelled projects and generated batches made for tests."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import ItemKind, Realism, ReviewItem, Verdict
from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE, BatchInfo, write_batch

GRADES = {"good": Grade(4, "A", "B"), "average": Grade(3, "B", "B"), "poor": Grade(4, "C", "C")}
CLASSES = tuple(GRADES)


def pixels(seed: int, size: int = 48) -> np.ndarray:
    """Pictures whose perceptual hashes lie far apart."""
    return np.random.default_rng(seed).integers(0, 256, (size, size), np.uint8)


def png(array: np.ndarray, texts: Mapping[str, str] | None = None) -> bytes:
    info = PngInfo()
    for key, value in (texts or {}).items():
        info.add_text(key, value)
    file = io.BytesIO()
    Image.fromarray(array).save(file, format="PNG", pnginfo=info)
    return file.getvalue()


def add_frames(
    project: Project, root: Path, files: Mapping[str, np.ndarray], couple: str = ""
) -> dict[str, int]:
    """Writes `embryo/number.png` files, imports them, and returns path -> frame id."""
    frames = []
    for name, array in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(array))
        frames.append(ImportedFrame(name, name.split("/")[0], couple, index=int(Path(name).stem)))
    source = project.frames.add_source(root, "folder")
    project.frames.add(source, frames)
    return {name: project.frames.by_path(name, source.id)[0].id for name in files}


def label(project: Project, frame_id: int, entry: LabelEntry | Grade, grader: str = "anna") -> str:
    """Labels a frame; returns its content hash."""
    sha256 = project.frames.ensure_hash(frame_id)
    said = entry if isinstance(entry, LabelEntry) else LabelEntry(entry)
    project.labels.record(frame_id, sha256, grader, said)
    return sha256


def labelled(project: Project, root: Path, embryos: Mapping[str, int], frames: int = 3) -> dict[str, int]:
    """So many embryos of each class, each with a few labelled frames; path -> frame id."""
    plan = {
        f"{name}{number}/{frame}.png": name
        for name, count in embryos.items()
        for number in range(count)
        for frame in range(frames)
    }
    files = {path: pixels(seed) for seed, path in enumerate(plan)}
    ids = add_frames(project, root, files)
    rows = [
        (ids[path], project.frames.ensure_hash(ids[path]), LabelEntry(GRADES[name]))
        for path, name in plan.items()
    ]
    project.labels.import_many(rows, "anna")
    return ids


def batch(
    project: Project, name: str = "b1", per_class: int = 2, size: int = 32, first_seed: int = 1000
) -> list[ReviewItem]:
    """A complete batch; returns its images as review items."""
    folder = project.batches / name
    (folder / "images").mkdir(parents=True)
    items: list[ReviewItem] = []
    rows = [PROVENANCE_COLUMNS]
    for class_index, class_name in enumerate(CLASSES):
        for _ in range(per_class):
            number, seed = len(items), first_seed + len(items)
            data = png(
                pixels(seed, size), {"blasto:synthetic": "true", "blasto:seed": str(seed), "Comment": "x"}
            )
            image = f"images/{number:05d}.png"
            (folder / image).write_bytes(data)
            sha256 = hashlib.sha256(data).hexdigest()
            items.append(ReviewItem(number, ItemKind.GENERATED, sha256, class_name, image))
            rows.append((image, sha256, str(class_index), class_name, str(seed)))
    with (folder / PROVENANCE_FILE).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    info = BatchInfo(
        name, "run", "c", "m", "stylegan2", size, CLASSES, per_class, 1.0, first_seed, "2026-01-01"
    )
    write_batch(folder, info)
    return items


def rate(
    project: Project,
    item: ReviewItem,
    realism: Realism | None,
    wrong: bool = False,
    reviewer: str = "rita",
    name: str = "b1",
) -> None:
    project.reviews.record(None, name, item, reviewer, Verdict(realism, wrong))
