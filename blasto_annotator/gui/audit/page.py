"""The Audit page: composes the verdict, the filter, the table and the detail."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSplitter, QTableView, QWidget

from blasto_annotator.domain.audit import AuditFilter, AuditRow
from blasto_annotator.gui.audit.detail import Detail
from blasto_annotator.gui.audit.filter_bar import FilterBar
from blasto_annotator.gui.audit.rows_model import TrailModel
from blasto_annotator.gui.audit.verdict_bar import VerdictBar
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import column, frame, row, text

WIDTHS = (50, 158, 72, 150, 104, 128, 92)
CHANGE = 5
"""What was done: its column takes what width is left."""


class AuditPage(QWidget):
    """Who did what; nothing can be changed here."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.state = state
        self.verdict, self.filter, self.detail = VerdictBar(), FilterBar(), Detail()
        self.model = TrailModel(self)
        self.table = _table(self.model)
        self.count = text("", "small")
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.table)
        splitter.addWidget(frame(column(self.detail, margin=14)))
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([775, 385])
        splitter.setChildrenCollapsible(False)
        head = row(text("Audit trail", "title"), None, self.count)
        layout = column(head, self.verdict, self.filter, splitter, gap=12, margin=20)
        layout.setStretch(3, 1)
        self.setLayout(layout)
        self.filter.changed.connect(self.reload)
        self.verdict.wanted.connect(self.go_to)
        self.verdict.restored.connect(self._restored)
        self.model.read.connect(self._show_count)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _: self._choose(now.row()))
        state.project_changed.connect(self._open)
        self._open()

    def activated(self) -> None:
        """The page is on show: what happened since is read."""
        self.reload()
        self._offer()
        self.filter.words.setFocus()

    def reload(self) -> None:
        """The newest rows that fit."""
        self.detail.show_row(None)
        self.model.show(self.state.project, self.filter.wanted())

    def go_to(self, found: AuditRow) -> None:
        """Shows one row at the top, whatever the filter said."""
        self.filter.clear()
        self.model.show(self.state.project, AuditFilter(), found.id + 1)
        self.model.read.connect(lambda: self.table.selectRow(0), Qt.ConnectionType.SingleShotConnection)
        self.detail.show_row(found)

    def _open(self) -> None:
        self.filter.clear()
        self.verdict.open_project(self.state.project)
        self.model.show(self.state.project, self.filter.wanted())
        self.detail.show_row(None)
        self._offer()

    def _restored(self) -> None:
        project, who = self.state.project, self.state.grader or ""
        if project is not None:
            run_op(self, lambda: project.audit.accept_restored(who), lambda _: self._open())

    def _offer(self) -> None:
        project = self.state.project
        if project is not None:
            run_op(self, project.audit.choices, lambda found: self.filter.offer(*found), serial=False)

    def _choose(self, place: int) -> None:
        if place >= 0:
            self.detail.show_row(self.model.row_at(place))

    def _show_count(self) -> None:
        shown = self.model.rowCount()
        more = "" if self.model.whole else " shown; scroll for more"
        self.count.setText(f"{shown:,} row{'' if shown == 1 else 's'}{more}" if shown else "No row fits.")


def _table(model: TrailModel) -> QTableView:
    made = QTableView()
    made.setModel(model)
    made.setAccessibleName("Rows of the audit trail, newest first")
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setShowGrid(False)
    made.setAlternatingRowColors(True)
    made.setWordWrap(False)
    made.setTabKeyNavigation(False)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(30)
    made.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    made.horizontalHeader().setHighlightSections(False)
    for column_number, width in enumerate(WIDTHS):
        made.setColumnWidth(column_number, width)
    made.horizontalHeader().setSectionResizeMode(CHANGE, QHeaderView.ResizeMode.Stretch)
    return made
