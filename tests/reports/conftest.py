"""Projects with verdicts."""

from __future__ import annotations

import hashlib

import pytest

from blasto_annotator.domain.reviews import ItemKind, Realism, ReviewItem, Verdict
from blasto_annotator.store import Project
from gan.contract.batch_folder import BatchInfo, write_batch

BATCH = "20260401-101500"
SOURCE_COUNTS = {"good": (45, 52, 3, 10), "average": (28, 64, 8, 5), "poor": (31, 62, 7, 7)}
"""domain.md, the source's review: perfect, minor flaws, implausible and wrong class of 100 a class."""


def make_batch(project: Project, batch: str, run: str = "20260401-093000-gpu") -> None:
    """A batch's description as the generator leaves it."""
    folder = project.batches / batch
    folder.mkdir()
    info = BatchInfo(
        id=batch,
        run=run,
        checkpoint="../../runs/r/checkpoints/kimg-000002.000",
        model="ab12" * 16,
        family="stylegan2",
        resolution=256,
        classes=("good", "average", "poor"),
        per_class=100,
        truncation=1.0,
        first_seed=0,
        created_utc="2026-04-01T10:15:00+00:00",
    )
    write_batch(folder, info)


def item(number: int, class_name: str, kind: ItemKind = ItemKind.GENERATED, salt: str = "") -> ReviewItem:
    """The image `number` of a class."""
    digest = hashlib.sha256(f"{kind}{class_name}{number}{salt}".encode()).hexdigest()
    return ReviewItem(number, kind, digest, class_name, f"images/{number:05d}.png")


def verdicts(perfect: int, minor: int, implausible: int, wrong: int) -> list[Verdict]:
    """So many of each; the wrong ones are among the last."""
    steps = [Realism.PERFECT] * perfect + [Realism.MINOR_FLAWS] * minor + [Realism.IMPLAUSIBLE] * implausible
    return [Verdict(step, wrong_class=place >= len(steps) - wrong) for place, step in enumerate(steps)]


@pytest.fixture
def source_review(project: Project) -> Project:
    """The source's review as one reviewer's verdicts on one batch."""
    make_batch(project, BATCH)
    rows = [
        (item(number, name), verdict)
        for name, counts in SOURCE_COUNTS.items()
        for number, verdict in enumerate(verdicts(*counts))
    ]
    project.reviews.import_many(rows, BATCH, "Ana")
    return project
