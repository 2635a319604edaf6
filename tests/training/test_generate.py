"""Generating a batch in a child process."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.generate import generate_batch, list_batches
from blasto_annotator.training.process import follow, start
from blasto_annotator.training.runs import create_run
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE, PROVENANCE_KEYS, read_batch
from gan.contract.jsonfile import write_json
from gan.contract.run_folder import RunFolder, RunState
from gan.contract.snapshot_folder import SnapshotInfo
from tests.training.conftest import CLASSES
from tests.training.presets import TINY


@pytest.fixture
def trained(project: Project, snapshot: SnapshotInfo) -> RunFolder:
    """A run that was trained for ten steps."""
    run = create_run(project, snapshot, TINY, kimg=0.04)
    assert follow(run, lambda event: None, start(run)) is RunState.FINISHED
    return run


def test_a_batch_holds_so_many_images_of_each_class_each_with_its_provenance(
    project: Project, trained: RunFolder
) -> None:
    told: list[tuple[int, int]] = []

    folder = generate_batch(
        project, trained.path, 3, seed=5, truncation=0.7, progress=lambda *now: told.append(now)
    )

    info = read_batch(folder)
    with (folder / PROVENANCE_FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == PROVENANCE_COLUMNS
    assert sorted(row["class_name"] for row in rows) == sorted(CLASSES * 3)
    assert (info.id, info.run, info.truncation, info.first_seed) == (folder.name, trained.path.name, 0.7, 5)
    with Image.open(folder / rows[0]["image"]) as image:
        assert set(PROVENANCE_KEYS) <= set(image.text)  # type: ignore[attr-defined]
        assert image.size == (32, 32)
    assert all(0 <= done <= total == 9 for done, total in told)
    assert list_batches(project) == [folder]
    assert project.audit.rows(1, newest_first=True)[0].subject == f"batch:{folder.name}"


def test_a_cancelled_batch_leaves_nothing(project: Project, trained: RunFolder) -> None:
    with pytest.raises(UserError, match="cancelled"):
        generate_batch(project, trained.path, 2000, cancelled=lambda: True)

    assert list(project.batches.iterdir()) == []


def test_a_checkpoint_that_cannot_be_read_is_a_sentence_and_leaves_nothing(
    project: Project, tmp_path: Path
) -> None:
    broken = tmp_path / "kimg-000001.000"
    broken.mkdir()
    write_json(broken / "checkpoint.json", {"family": "stylegan2", "classes": ["good"], "resolution": 32})
    (broken / "networks.safetensors").write_bytes(b"nothing")

    with pytest.raises(UserError, match=r"kimg-000001.*\."):
        generate_batch(project, broken, 1)

    assert list(project.batches.iterdir()) == []


def test_less_than_one_image_is_refused(project: Project) -> None:
    with pytest.raises(UserError, match="at least one image"):
        generate_batch(project, Path("latest"), 0)
