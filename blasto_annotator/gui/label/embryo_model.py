"""Embryos, and the moments of the one on show, as rows of one list. Thousands of embryos are one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from blasto_annotator.domain.frames import EmbryoRow
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.label.moments import Moment

Index = QModelIndex | QPersistentModelIndex
ROW = int(Qt.ItemDataRole.UserRole)
FILTERS = ("All", "Unlabelled", "Labelled")


@dataclass(frozen=True)
class MomentRow:
    """A moment of the embryo on show, with this grader's entry where there is one."""

    place: int
    moment: Moment
    entry: LabelEntry | None = None


Row = EmbryoRow | MomentRow


class EmbryoModel(QAbstractListModel):
    """Flat: the moments of the open embryo stand below its row."""

    def __init__(self) -> None:
        super().__init__()
        self._all: list[EmbryoRow] = []
        self._embryos: list[EmbryoRow] = []
        self._open: int | None = None
        self._moments: list[MomentRow] = []
        self._filter = FILTERS[0]
        self._at: dict[int, int] = {}

    @property
    def embryos(self) -> Sequence[EmbryoRow]:
        """The embryos that pass the filter."""
        return self._embryos

    def set_embryos(self, rows: Sequence[EmbryoRow]) -> None:
        """Another list of embryos."""
        self._all = list(rows)
        self.set_filter(self._filter)

    def set_filter(self, name: str) -> None:
        """Shows all, those with a moment left, or those with all labelled."""
        self.beginResetModel()
        self._filter = name
        self._open, self._moments = None, []
        self._embryos = [row for row in self._all if passes(row, name)]
        self._at = {row.id: place for place, row in enumerate(self._embryos)}
        self.endResetModel()

    def open_embryo(self, embryo_id: int | None, moments: Sequence[MomentRow]) -> None:
        """Shows the moments of one embryo below it; a single moment needs no row of its own."""
        self._close()
        place = self._at.get(embryo_id) if embryo_id is not None else None
        self._open = embryo_id
        rows = list(moments) if len(moments) > 1 else []
        if place is not None and rows:
            self.beginInsertRows(QModelIndex(), place + 1, place + len(rows))
            self._moments = rows
            self.endInsertRows()

    def set_entry(self, place: int, entry: LabelEntry | None) -> None:
        """The open embryo's moment carries this entry now."""
        base = self._at.get(self._open) if self._open is not None else None
        if base is not None and place < len(self._moments):
            self._moments[place] = replace(self._moments[place], entry=entry)
            index = self.index(base + 1 + place)
            self.dataChanged.emit(index, index)

    def set_labelled(self, embryo_id: int, labelled: int) -> None:
        """How many moments of an embryo are labelled now. The filter is not applied again."""
        self._all = [replace(row, labelled=labelled) if row.id == embryo_id else row for row in self._all]
        place = self._at.get(embryo_id)
        if place is not None:
            self._embryos[place] = replace(self._embryos[place], labelled=labelled)
            index = self.index(self._row_of(place))
            self.dataChanged.emit(index, index)

    def row_of(self, embryo_id: int, place: int) -> QModelIndex:
        """The index of a moment, or of its embryo where that has only one."""
        base = self._at.get(embryo_id)
        if base is None:
            return QModelIndex()
        if embryo_id == self._open and self._moments:
            return self.index(base + 1 + place)
        return self.index(self._row_of(base))

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self._embryos) + len(self._moments)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not index.isValid():
            return None
        row = self._row(index.row())
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(row)
        return None

    def _close(self) -> None:
        base = self._at.get(self._open) if self._open is not None else None
        if self._moments and base is not None:
            self.beginRemoveRows(QModelIndex(), base + 1, base + len(self._moments))
            self._moments = []
            self.endRemoveRows()

    def _row(self, number: int) -> Row:
        base = self._at.get(self._open, len(self._embryos)) if self._open is not None else len(self._embryos)
        if number <= base or not self._moments:
            return self._embryos[number]
        if number <= base + len(self._moments):
            return self._moments[number - base - 1]
        return self._embryos[number - len(self._moments)]

    def _row_of(self, place: int) -> int:
        base = self._at.get(self._open) if self._open is not None else None
        return place + len(self._moments) if base is not None and place > base else place


def passes(row: EmbryoRow, name: str) -> bool:
    """Whether an embryo passes a filter."""
    done = row.labelled >= row.moments
    return name == "All" or (name == "Labelled") == done


def spoken(row: Row) -> str:
    """A row in words, for search and screen readers."""
    if isinstance(row, EmbryoRow):
        return f"{row.name}, {row.labelled} of {row.moments} labelled"
    grade = "" if row.entry is None else f", {row.entry.grade or 'not gradable'}"
    return f"{moment_words(row.moment, row.place)}{grade}"


def moment_words(moment: Moment, place: int) -> str:
    """A moment's name: its hpi where known, else its number, and its phase."""
    first = moment.frames[0]
    when = f"{moment.hpi:.1f} h" if moment.hpi is not None else f"Frame {first.index or place + 1}"
    return f"{when}  ·  {moment.phase}" if moment.phase else when
