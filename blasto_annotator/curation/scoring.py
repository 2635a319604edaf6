"""The expert scorer in curation: the table of verdicts it learns from, and what it expects of a batch."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.curation.batches import batch_info
from blasto_annotator.curation.items import REAL
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Realism, Review
from blasto_annotator.domain.tables import parse_table
from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.store import Project
from gan.contract.batch_folder import BatchInfo
from gan.contract.scorer_folder import SCORE_COLUMNS, SCORES_FILE, VERDICT_COLUMNS
from gan.contract.snapshot_folder import SPLITS, SnapshotInfo, read_snapshot

LEAST_REAL = 200
"""Real frames in the table at most, unless there are more verdicts than that."""


@dataclass(frozen=True)
class VerdictTable:
    """What was written."""

    verdicts: int
    """Generated images with a verdict."""
    real: int
    """Real training frames beside them."""
    left_out: int
    """Judged images that are gone, were changed, or are of other classes than the newest batch's."""


def write_verdict_table(project: Project, file: Path) -> VerdictTable:
    """Writes every judged generated image, and real training frames of the same size and classes.

    Several reviewers count as their most critical. Real controls and answers to choices are no verdicts on
    a generated image and stay out.

    Raises:
        UserError: nothing was judged yet, or the table cannot be written.
    """
    judged = _judged(project)
    infos = {batch: info for batch in {b for b, _ in judged} if (info := _info(project, batch))}
    if not infos:
        raise UserError("No generated image has a verdict yet: review a batch first.")
    newest = infos[max(infos)]
    rows, left_out = [], 0
    for (batch, sha256), reviews in sorted(judged.items()):
        path = project.batches / batch / reviews[0].image
        if batch not in infos or infos[batch].classes != newest.classes or not _is_there(path, sha256):
            left_out += 1
            continue
        rows.append(_verdict_row(_relative(path, file), reviews, newest.classes))
    real = list(_real_rows(project, newest, file, max(len(rows), LEAST_REAL)))
    _write(file, [*rows, *real])
    return VerdictTable(len(rows), len(real), left_out)


def read_scores(project: Project, batch: str) -> dict[str, float]:
    """SHA-256 of each image of a batch to the probability of a perfect image of the right class.

    Empty where no scorer looked at the batch.

    Raises:
        UserError: no such batch, or its scores are damaged.
    """
    batch_info(project, batch)
    path = project.batches / batch / SCORES_FILE
    if not path.exists():
        return {}
    try:
        rows = parse_table(path.read_bytes(), SCORES_FILE, SCORE_COLUMNS)
        return {row["sha256"]: float(row["p"]) for _, row in rows}
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is damaged ({error}): remove it, or generate the batch again.") from error


def teaches_most(scores: Mapping[str, float], sha256: str) -> float:
    """Sorts images: those whose verdict is hardest to foresee first (p nearest a half), unknown ones last.

    Source: uncertainty sampling, Lewis and Gale 1994.
    """
    return abs(scores.get(sha256, 2.0) - 0.5)


def _judged(project: Project) -> dict[tuple[str, str], list[Review]]:
    found: dict[tuple[str, str], list[Review]] = {}
    for review in project.reviews.current():
        if review.kind is ItemKind.GENERATED and review.verdict is not None:
            found.setdefault((review.batch, review.sha256), []).append(review)
    return found


def _info(project: Project, batch: str) -> BatchInfo | None:
    try:
        return batch_info(project, batch)
    except UserError:  # a batch that was deleted; its images are counted as left out
        return None


def _is_there(path: Path, sha256: str) -> bool:
    try:
        return sha256_file(path) == sha256
    except UserError:
        return False


def _verdict_row(image: str, reviews: Sequence[Review], classes: Sequence[str]) -> tuple[object, ...]:
    verdicts = [review.verdict for review in reviews if review.verdict is not None]
    ratings = [verdict.realism for verdict in verdicts if verdict.realism is not None]
    perfect = int(all(rating is Realism.PERFECT for rating in ratings)) if ratings else ""
    right = int(not any(verdict.wrong_class for verdict in verdicts))
    name, first = reviews[0].class_name, reviews[0]
    index = classes.index(name) if name in classes else 0
    return (image, first.sha256, index, name, perfect, right, first.batch, "")


def _real_rows(project: Project, like: BatchInfo, file: Path, most: int) -> Iterator[tuple[object, ...]]:
    """Frames of the newest fitting snapshot's training split, in an order that can be had again."""
    snapshot = _fitting_snapshot(project, like)
    if snapshot is None:
        return
    with (snapshot.path / "manifest.csv").open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["split"] == SPLITS[0] and row["origin"] == REAL]
    rows.sort(key=lambda row: hashlib.sha256(row["file"].encode()).hexdigest())
    for row in rows[:most]:
        image = _relative(snapshot.path / row["file"], file)
        embryo = f"{row['source']}/{row['embryo']}"
        yield (image, "", row["class_index"], row["class"], 1, 1, "", embryo)


def _fitting_snapshot(project: Project, like: BatchInfo) -> SnapshotInfo | None:
    """The newest of the batch's size and classes: another size would tell real from generated."""
    found = sorted(project.snapshots.glob("*/snapshot.json"), key=lambda path: path.stat().st_mtime)
    for path in reversed(found):
        snapshot = read_snapshot(path.parent)
        if snapshot.size == like.resolution and snapshot.classes == like.classes:
            return snapshot
    return None


def _relative(path: Path, file: Path) -> str:
    try:
        return Path(os.path.relpath(path, file.parent)).as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()


def _write(file: Path, rows: Sequence[tuple[object, ...]]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(VERDICT_COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror}).") from error
