"""Two readers in the real window: another generator's images, real frames of STORK hidden among them."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import ItemKind
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE, BatchInfo, write_batch
from tests.gui.real_window import display, walk
from tests.gui.test_loop_in_window import stork_grades

BATCH, CLASSES, PER_CLASS = "20260101-120000", ("good", "average", "poor"), 4


@pytest.fixture
def study(project: Project, shared_data: Path) -> Project:
    """STORK labelled by its own letters, and a batch of somebody else's generated blastocysts."""
    import_source(project, shared_data / "stork")
    grades = stork_grades(shared_data / "stork")
    rows = []
    for embryo in project.frames.embryos():
        frame = next(f for f in project.frames.of_embryo(embryo.id) if f.plane == 0)
        entry = LabelEntry(parse_grade(grades[embryo.name]))
        rows.append((frame.id, project.frames.ensure_hash(frame.id), entry))
    project.labels.import_many(rows, "Eva")
    _write_batch(project, sorted((shared_data / "embryostagegen" / "Blastocyst").glob("*.png")))
    return project


def test_two_readers_rate_the_same_images_each_alone(tmp_path: Path, study: Project) -> None:
    folder = study.folder
    study.close()
    with display() as screen:
        pictures = os.environ.get("REVIEW_PICTURES", "")
        done = walk(tmp_path, screen, folder, "tests.gui.review_walk", *filter(None, [pictures]))
    assert done.returncode == 0, done.stdout + done.stderr
    saw = json.loads(done.stdout.splitlines()[-1])

    assert {"Beside real frames, mixed in blind", "Other readers"} <= set(saw["questions"])
    with Project.open(folder) as again:
        ana, boris = again.reviews.sessions()
        assert (ana.reviewer, boris.reviewer) == ("Ana", "Boris")
        kinds = Counter(item.kind for item in ana.items if not item.role)
        assert kinds == {ItemKind.GENERATED: 12, ItemKind.REAL: 2}  # a fifth of each class; no frame of poor
        for session in (ana, boris):
            assert len(again.reviews.of_session(session.id)) == len(session.items)
        counted = Counter(review.reviewer for review in again.reviews.current())
        assert counted == {"Ana": 14, "Boris": 14}
        assert again.audit.verify() is None


def _write_batch(project: Project, images: list[Path]) -> None:
    folder = project.batches / BATCH
    (folder / "images").mkdir(parents=True)
    rows: list[tuple[object, ...]] = [PROVENANCE_COLUMNS]
    for number, source in enumerate(images[: PER_CLASS * len(CLASSES)]):
        data, image = source.read_bytes(), f"images/{BATCH}-{number:05d}.png"
        (folder / image).write_bytes(data)
        group = number % len(CLASSES)
        rows.append((image, hashlib.sha256(data).hexdigest(), group, CLASSES[group], number))
    with (folder / PROVENANCE_FILE).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    said = {"run": "", "checkpoint": "", "model": "0" * 64, "family": "stylegan2", "resolution": 256}
    made = {"truncation": 1.0, "first_seed": 0, "created_utc": "2026-01-01T12:00:00+00:00"}
    write_batch(folder, BatchInfo(id=BATCH, classes=CLASSES, per_class=PER_CLASS, **said, **made))  # type: ignore[arg-type]
