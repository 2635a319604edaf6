"""How the first names are read, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.gui.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
Entry = ImportedFrame | RejectedFile
TITLES = ("File", "Embryo", "Plane, µm", "Frame", "hpi", "Source's remark")
NUMBERS = range(2, 5)
"""Columns that are read from the right."""


class PreviewTable(QTableView):
    """Files that would be left out are marked, with the reason in their row."""

    def __init__(self) -> None:
        super().__init__()
        self._model = _Model()
        self.setModel(self._model)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)  # else a path is broken at its last slash, and the name is cut off
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setAccessibleName("How the first names are read")

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Other files."""
        self._model.show_entries(entries)
        self.clearSpans()
        for line, entry in enumerate(entries):
            if isinstance(entry, RejectedFile):
                self.setSpan(line, 1, 1, len(TITLES) - 1)


class _Model(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Entry] = ()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self._entries)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _cells(entry)[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and isinstance(entry, RejectedFile):
            return QColor(current_theme().warning)
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.path
        if role == Qt.ItemDataRole.TextAlignmentRole and isinstance(entry, ImportedFrame):
            return _side(index.column())
        return None


def _side(place: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if place in NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _cells(entry: Entry) -> Sequence[str]:
    if isinstance(entry, RejectedFile):
        return (entry.path, f"left out: {entry.reason}", "", "", "", "")
    numbers = ((entry.plane, "g"), (entry.index, "g"), (entry.hpi, ".2f"))
    written = ("" if value is None else f"{value:{form}}".replace("-", "−") for value, form in numbers)
    return (entry.path, entry.embryo, *written, entry.remark)
