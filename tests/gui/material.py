"""Drawn embryos as frames with labels and as a generated batch: what the pages under test work on."""

from __future__ import annotations

import csv
import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.sample.draw import draw_frame
from blasto_annotator.sample.embryo import plan_embryo
from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE, BatchInfo, write_batch

GRADES = ("4AA", "4AB", "3BB", "4BA", "4CC", "3CB")
"""Two of each group of the default scheme."""
CLASSES = ("good", "average", "poor")
SIDE, RESOLUTION = 96, 64
BATCH = "20260101-120000"


def draw_frames(folder: Path) -> list[Path]:
    """Twelve frames: an embryo of each grade at two moments."""
    folder.mkdir(parents=True)
    for number, grade in enumerate(GRADES):
        plan = plan_embryo(number, grade[1], grade[2])  # type: ignore[arg-type]
        for moment, hpi in enumerate((110.0, 116.0)):
            Image.fromarray(draw_frame(plan, hpi, 0.0, SIDE)).save(folder / f"e{number}_{moment}.png")
    return sorted(folder.glob("*.png"))


def label_frames(project: Project, drawn: list[Path], grader: str = "Ada") -> None:
    """Imports the frames and labels each with its grade."""
    source = project.frames.add_source(drawn[0].parent, "folder")
    names = [path.stem.split("_") for path in drawn]
    frames = [
        ImportedFrame(path.name, embryo, index=int(moment), width=SIDE, height=SIDE)
        for path, (embryo, moment) in zip(drawn, names, strict=True)
    ]
    project.frames.add(source, frames)
    for row in project.frames.embryos():
        entry = LabelEntry(parse_grade(GRADES[int(row.name[1:])]))
        for frame in project.frames.of_embryo(row.id):
            project.labels.record(frame.id, project.frames.ensure_hash(frame.id), grader, entry)


def write_batch_of(project: Project, drawn: list[Path], name: str = BATCH) -> str:
    """A batch whose images are the drawn frames of later moments, as a generator would leave it."""
    folder = project.batches / name
    (folder / "images").mkdir(parents=True)
    rows = []
    for number, path in enumerate(path for path in drawn if path.stem.endswith("_1")):
        image = f"images/{number:05d}.png"
        with Image.open(path) as picture:
            picture.resize((RESOLUTION, RESOLUTION)).save(folder / image)
        sha256 = hashlib.sha256((folder / image).read_bytes()).hexdigest()
        rows.append((image, sha256, number // 2, CLASSES[number // 2], number))
    with (folder / PROVENANCE_FILE).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([PROVENANCE_COLUMNS, *rows])
    write_batch(folder, _info(name))
    return name


def copy_of(drawn: list[Path], folder: Path) -> list[Path]:
    """The frames in a folder of the test's own."""
    shutil.copytree(drawn[0].parent, folder)
    return sorted(folder.glob("*.png"))


def _info(name: str) -> BatchInfo:
    return BatchInfo(
        id=name, run="r1", checkpoint="../../runs/r1/checkpoints/kimg-000001.000", model="0" * 64,
        family="stylegan2", resolution=RESOLUTION, classes=CLASSES, per_class=2, truncation=1.0, first_seed=0,
        created_utc=datetime(2026, 1, 1, 12, tzinfo=UTC).isoformat(),
    )  # fmt: skip
