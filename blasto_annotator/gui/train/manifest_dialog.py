"""Every image of the next training set in a table: nothing enters unseen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QTableView,
    QWidget,
)

from blasto_annotator.curation.items import Item
from blasto_annotator.curation.manifest_preview import COLUMNS, manifest_row, write_manifest
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.train import words
from blasto_annotator.gui.widgets.basics import button, column, row, text
from gan.contract.snapshot_folder import SPLITS

Index = QModelIndex | QPersistentModelIndex
DISPLAY = Qt.ItemDataRole.DisplayRole
TITLES = (
    "Split",
    "Group",
    "Origin",
    "Embryo",
    "hpi",
    "Plane, µm",
    "Grade",
    "Grader",
    "Source",
    "File",
    "Why",
)
NUMBERS = ("hpi", "Plane, µm")
ORDER = Qt.ItemDataRole.UserRole
"""What a column is sorted by: splits as they are used, numbers as numbers."""


class ManifestModel(QAbstractTableModel):
    """Rows are made when they are looked at."""

    def __init__(self, items: Sequence[tuple[Item, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._items = items

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        if role == ORDER:
            return _order(*self._items[index.row()], index.column())
        if role not in (DISPLAY, Qt.ItemDataRole.ToolTipRole):
            return None
        return manifest_row(*self._items[index.row()])[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        if role != DISPLAY:
            return None
        return TITLES[section] if orientation is Qt.Orientation.Horizontal else section + 1


def _order(item: Item, split: str, place: int) -> int | float | str:
    if COLUMNS[place] == "split":
        return SPLITS.index(split) if split in SPLITS else len(SPLITS)
    if COLUMNS[place] in ("hpi", "plane"):
        value = getattr(item, COLUMNS[place])
        return -math.inf if value is None else float(value)
    return manifest_row(item, split)[place]


def _side(place: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if TITLES[place] in NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class ManifestDialog(QDialog):
    """Non-modal; the filter looks in every column."""

    def __init__(self, items: Sequence[tuple[Item, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Images of the next training set")
        self._items = items
        self._rows = QSortFilterProxyModel(self)
        self._rows.setSourceModel(ManifestModel(items, self))
        self._rows.setFilterKeyColumn(-1)
        self._rows.setSortRole(ORDER)
        self._rows.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter: an embryo, a group, a file …")
        self.filter.setAccessibleName("Filter the list")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._rows.setFilterFixedString)
        self.table = QTableView()
        self._dress()
        count = text(words.count(len(items), "image"), "muted")
        acts = row(
            count, None, button("Save as CSV …", self._save), button("Close", self.close, role="primary")
        )
        self.setLayout(column(self.filter, self.table, acts, gap=12, margin=16))
        self.resize(980, 520)

    def _dress(self) -> None:
        self.table.setModel(self._rows)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setAccessibleName("Images of the next training set")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.horizontalHeader().setStretchLastSection(True)
        for at, width in enumerate((74, 80, 80, 90, 56, 96, 60, 76, 84, 140)):
            self.table.setColumnWidth(at, width)

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the list", "training-set.csv", "Table (*.csv)")
        if chosen:
            run_op(self, lambda: write_manifest(self._items, Path(chosen)), lambda _: None, serial=False)
