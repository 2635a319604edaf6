"""Projects with verdicts."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from blasto_annotator.domain.reviews import ItemKind, Mode, Realism, ReviewItem, Verdict
from blasto_annotator.store import Project
from gan.contract.batch_folder import BatchInfo, write_batch

BATCH, NEWER = "20260401-101500", "20260501-101500"
PERFECT, FLAWED = Verdict(Realism.PERFECT), Verdict(Realism.MINOR_FLAWS, defects=("mirror",))
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


def rate_mixed(
    project: Project, reader: str, first: str, second: str, perfect: tuple[int, int], until: int = 120
) -> None:
    """A reader rates sixty images of each of two batches in one session, up to an image: so many perfect."""
    shown = [replace(item(n, "good", salt=name), batch=name) for name in (first, second) for n in range(60)]
    placed = [replace(i, position=n) for n, i in enumerate(shown)]
    session = project.reviews.start(first, reader, placed, 1, 0.0, Mode.RATE, {"batches": [first, second]})
    for one in session.items[:until]:
        count = perfect[0] if one.batch == first else perfect[1]
        said = PERFECT if one.position % 60 < count else FLAWED
        project.reviews.record(session.id, one.batch, one, reader, said)


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
