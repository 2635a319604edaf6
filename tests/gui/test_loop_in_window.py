"""The whole loop once round in the real window, on real frames: keys in, rows in the project out."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from blasto_annotator.store import Project
from blasto_annotator.training.runs import list_runs
from gan.contract.snapshot_folder import read_snapshot
from tests.gui.real_window import display, walk

KIMG, PER_CLASS = 0.2, 3


def stork_grades(folder: Path) -> dict[str, str]:
    """Embryo to what is typed: the source's letters without minus, and 3, since its digit is no expansion."""
    found = {}
    for path in folder.rglob("*.jpg"):
        match = re.search(r"(\d+)_-?\d+_\d([AB])-?([AB])-?\.jpg$", path.name)
        assert match is not None
        found[match[1]] = f"3{match[2]}{match[3]}"
    return found


def test_the_loop_goes_once_round_by_keys_on_real_frames(
    tmp_path: Path, shared_data: Path, project: Project
) -> None:
    grades = stork_grades(shared_data / "stork")
    (tmp_path / "grades.json").write_text(json.dumps(grades))
    folder = project.folder
    project.close()
    with display() as screen:
        arguments = [shared_data / "stork", tmp_path / "grades.json", KIMG, PER_CLASS]
        pictures = os.environ.get("LOOP_PICTURES", "")
        done = walk(tmp_path, screen, folder, "tests.gui.loop_walk", *arguments, *filter(None, [pictures]))
    assert done.returncode == 0, done.stdout + done.stderr
    saw = json.loads(done.stdout.splitlines()[-1])

    assert "STORK" in saw["recognised"].upper()
    assert "98" in saw["report"]
    assert saw["left out"] == 4  # licence, two texts, a table
    assert sorted(saw["labels"]) == sorted(grades.values())
    assert "real images (good" in saw["sentence"]
    assert saw["kimg"] >= KIMG
    assert saw["steps"][0] == "Training set"
    assert saw["steps"][-1] == "Review"
    assert saw["bar"] == "Round 1 is ready for review."
    assert "generated" in saw["next sentence"]
    with Project.open(folder) as again:
        (row,) = list_runs(again)
        snapshot = read_snapshot(again.snapshots / row.snapshot)
        assert row.kimg == pytest.approx(saw["kimg"])
        assert sum(sum(split.values()) for split in snapshot.counts.values()) == 14
        assert len(again.reviews.current()) == saw["reviewed"]
        assert again.audit.verify() is None
