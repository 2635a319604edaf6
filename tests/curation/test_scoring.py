"""What the expert scorer learns from, and its scores of a batch."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.curation.scoring import read_scores, teaches_most, write_verdict_table
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Realism
from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.store import Project
from gan.contract.scorer_folder import SCORE_COLUMNS, SCORES_FILE, VERDICT_COLUMNS
from tests.curation.material import CLASSES, batch, labelled, rate


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def table(project: Project) -> Path:
    return project.folder / "scorers" / "s1" / "verdicts.csv"


def test_verdicts_and_real_training_frames_make_the_table(
    project: Project, table: Path, tmp_path: Path
) -> None:
    labelled(project, tmp_path / "frames", dict.fromkeys(CLASSES, 4))
    snapshot = build(project, SnapshotOptions(size=32))
    items = batch(project, per_class=2)
    rate(project, items[0], Realism.PERFECT)
    rate(project, items[1], Realism.PERFECT)
    rate(project, items[1], Realism.MINOR_FLAWS, reviewer="boris")
    rate(project, items[2], None, wrong=True)
    rate(project, items[3], Realism.PERFECT, wrong=True)

    found = write_verdict_table(project, table)

    said = rows(table)
    assert tuple(said[0]) == VERDICT_COLUMNS
    judged = {row["sha256"]: row for row in said if row["batch"]}
    assert {s: (row["perfect"], row["right_class"]) for s, row in judged.items()} == {
        items[0].sha256: ("1", "1"),
        items[1].sha256: ("0", "1"),  # the most critical reviewer counts
        items[2].sha256: ("", "0"),
        items[3].sha256: ("1", "0"),
    }
    assert judged[items[2].sha256]["class_index"] == str(CLASSES.index(items[2].class_name))
    for row in judged.values():
        assert sha256_file(table.parent / row["image"]) == row["sha256"]
    real = [row for row in said if not row["batch"]]
    assert len(real) == found.real == sum(snapshot.counts["train"].values())
    assert {(row["perfect"], row["right_class"]) for row in real} == {("1", "1")}
    assert all("/train/" in row["image"] and (table.parent / row["image"]).exists() for row in real)
    assert (found.verdicts, found.left_out) == (4, 0)


def test_real_frames_of_another_size_and_images_that_changed_stay_out(
    project: Project, table: Path, tmp_path: Path
) -> None:
    labelled(project, tmp_path / "frames", dict.fromkeys(CLASSES, 4))
    build(project, SnapshotOptions(size=64))
    items = batch(project, per_class=2)
    for item in items:
        rate(project, item, Realism.PERFECT)
    (project.batches / "b1" / items[0].image).write_bytes(b"other")
    (project.batches / "b1" / items[1].image).unlink()

    found = write_verdict_table(project, table)

    assert (found.verdicts, found.real, found.left_out) == (4, 0, 2)


def test_without_a_verdict_there_is_nothing_to_learn(project: Project, table: Path) -> None:
    batch(project)

    with pytest.raises(UserError, match="review a batch first"):
        write_verdict_table(project, table)


def test_scores_of_a_batch_order_what_teaches_most(project: Project) -> None:
    batch(project)
    assert read_scores(project, "b1") == {}
    path = project.batches / "b1" / SCORES_FILE
    path.write_text(f"{','.join(SCORE_COLUMNS)}\na.png,aa,0.9,0.99,0.89\nb.png,bb,0.6,0.9,0.54\n")

    scores = read_scores(project, "b1")

    assert scores == {"aa": 0.89, "bb": 0.54}
    assert sorted(["cc", "aa", "bb"], key=lambda sha256: teaches_most(scores, sha256)) == ["bb", "aa", "cc"]
    path.write_text(f"{','.join(SCORE_COLUMNS)}\na.png,aa,,,many\n")
    with pytest.raises(UserError, match=r"scores.csv is damaged"):
        read_scores(project, "b1")
