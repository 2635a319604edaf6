"""The trail as a table that reads on as it is scrolled: millions of rows, a page in memory at a time more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from blasto_annotator.curation.blinding import found_rows
from blasto_annotator.domain.audit import AuditFilter, AuditRow
from blasto_annotator.gui.audit.words import action_words, change_words, local_time, subject_words
from blasto_annotator.gui.background import run_op

if TYPE_CHECKING:
    from blasto_annotator.store import Project

PAGE = 200
HEADS = ("Row", "When", "Who", "What", "About", "Change", "Why")
_TIPS = {1: "On this computer's clock; UTC stands below"}
Index = QModelIndex | QPersistentModelIndex


class TrailModel(QAbstractTableModel):
    """Newest rows first."""

    read = Signal()
    """More rows came, or there are none."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._wanted = AuditFilter()
        self._rows: list[AuditRow] = []
        self._whole = True
        self._asked = 0

    def show(self, project: Project | None, wanted: AuditFilter, before: int | None = None) -> None:
        """Begins anew with these rows; `before` begins below the row with this number."""
        self.beginResetModel()
        self._project, self._wanted, self._rows = project, wanted, []
        self._whole = project is None
        self._asked += 1
        self.endResetModel()
        if project is not None:
            self._read(before)

    @property
    def whole(self) -> bool:
        """Whether every row that fits is here."""
        return self._whole

    def row_at(self, place: int) -> AuditRow | None:
        """The row in a line of the table."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return _cell(row, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 0:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS.get(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 0 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return HEADS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._whole and bool(self._rows)

    def fetchMore(self, parent: Index) -> None:
        self._read(self._rows[-1].id)

    def _read(self, before: int | None) -> None:
        project, wanted, asked = self._project, self._wanted, self._asked
        if project is None:
            return
        self._whole = True  # until this page is here, nobody asks for the next
        run_op(
            self,
            lambda: _page(project, wanted, before),
            lambda found: self._add(*found, asked),
            serial=False,
        )

    def _add(self, rows: list[AuditRow], whole: bool, asked: int) -> None:
        if asked != self._asked:
            return
        if rows:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows += rows
            self.endInsertRows()
        self._whole = whole or not rows
        self.read.emit()


def _page(project: Project, wanted: AuditFilter, before: int | None) -> tuple[list[AuditRow], bool]:
    """The next rows as they may be shown, and whether they are the last."""
    rows = project.audit.page(wanted, before, PAGE)
    return found_rows(project, rows, bool(wanted.text or wanted.subject)), len(rows) < PAGE


def _cell(row: AuditRow, column: int) -> str:
    if column == 0:
        return f"{row.id:,}"
    if column == 5:
        return change_words(row)
    texts = (local_time(row), row.who or "–", action_words(row.action), subject_words(row.subject))
    return row.why if column == 6 else texts[column - 1]
