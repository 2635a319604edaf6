"""Every image of the next training set can be seen before it is written."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.manifest_preview import COLUMNS, write_manifest
from blasto_annotator.curation.selection import SnapshotOptions, preview
from blasto_annotator.gui.train.manifest_dialog import ManifestDialog
from blasto_annotator.store import Project
from gan.contract.snapshot_folder import SPLITS


def test_the_list_holds_every_image_and_is_filtered(qtbot: QtBot, study: Project) -> None:
    seen = preview(study, SnapshotOptions(size=32, thin_distance=0))
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ManifestDialog(seen.items, parent)
    dialog.show()
    rows = dialog.table.model()

    assert rows.rowCount() == seen.images == 12
    splits = [rows.index(at, 0).data() for at in range(12)]
    assert splits == sorted(splits, key=SPLITS.index)  # training first
    dialog.filter.setText("poor")

    assert rows.rowCount() == sum(groups["poor"] for groups in seen.groups.values())
    assert {rows.index(at, 1).data() for at in range(rows.rowCount())} == {"poor"}


def test_the_list_is_written_with_grade_grader_and_reason(study: Project, tmp_path: Path) -> None:
    seen = preview(study, SnapshotOptions(size=32, thin_distance=0))
    write_manifest(seen.items, tmp_path / "list.csv")

    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert tuple(rows[0]) == COLUMNS
    assert {(row["origin"], row["grader"]) for row in rows} == {("real", "Ada")}
    assert sorted({row["grade"] for row in rows}) == ["3BB", "3CB", "4AA", "4AB", "4BA", "4CC"]
    assert all(row["reason"] for row in rows)
