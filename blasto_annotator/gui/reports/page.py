"""The Reports page: review reports of the project, looked at and exported."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.reports.contents import ReportEntry, list_reports
from blasto_annotator.gui.reports.report_view import ReportView
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text
from blasto_annotator.gui.widgets.empty_state import EmptyState
from blasto_annotator.reports.review_table import ReviewTable, review_table
from blasto_annotator.reports.review_writers import write_report

FORMATS = {"PDF": ".pdf", "Web page": ".html", "CSV": ".csv", "Markdown": ".md", "JSON": ".json"}
WIDTH = 260


class ReportsPage(QWidget):
    """Left the reports, right the one that is chosen."""

    written = Signal(str)
    """A report is on the disk: its path."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._state = state
        self._entry: ReportEntry | None = None
        self.table: ReviewTable | None = None
        self.list = QListWidget()
        self.exports = [button(title, partial(self._choose_file, FORMATS[title])) for title in FORMATS]
        self._title = text("", "title")
        self._body = QStackedWidget()
        self._stack = QStackedWidget()
        self._empty = EmptyState(
            "reports", "No reports yet",
            "When generated images have been reviewed, their figures stand here.",
            ("Go to review", lambda: state.page_requested.emit("review")),
        )  # fmt: skip
        self._build()
        state.project_changed.connect(self._project_changed)

    def activated(self) -> None:
        """The page was shown: reviews may have come."""
        project = self._state.project
        if project is None:
            self._stack.setCurrentWidget(self._empty)
        else:
            run_op(self, lambda: list_reports(project), self._show_list, serial=False)

    def export(self, path: Path) -> None:
        """Writes the report on show in the format of the suffix."""
        table = self.table
        if table is not None:
            run_op(self, lambda: write_report(table, path), lambda _: self._wrote(path), serial=False)

    def _project_changed(self) -> None:
        self._entry = self.table = None
        self._clear_body()
        self.list.clear()
        if self.isVisible():
            self.activated()

    def _show_list(self, entries: list[ReportEntry]) -> None:
        if not entries:
            self._stack.setCurrentWidget(self._empty)
            return
        chosen = self._entry.title if self._entry is not None else ""
        with QSignalBlocker(self.list):
            self.list.clear()
            for entry in entries:
                self.list.addItem(_item(entry))
        titles = [entry.title for entry in entries]
        self.list.setCurrentRow(titles.index(chosen) if chosen in titles else 0)
        self._stack.setCurrentWidget(self._home)

    def _choose(self, item: QListWidgetItem | None) -> None:
        project = self._state.project
        if item is None or project is None:
            return
        entry: ReportEntry = item.data(Qt.ItemDataRole.UserRole)
        self._entry = entry
        self._title.setText(entry.title)
        run_op(
            self, lambda: review_table(project, entry.batch, entry.reviewer),
            lambda table: self._show_table(entry, table), serial=False,
        )  # fmt: skip

    def _show_table(self, entry: ReportEntry, table: ReviewTable) -> None:
        project = self._state.project
        if entry is not self._entry or project is None:
            return
        self.table = table
        self._clear_body()
        view = ReportView(table, project.scheme)
        self._body.addWidget(view)
        self._body.setCurrentWidget(view)

    def _clear_body(self) -> None:
        while self._body.count():
            view = self._body.widget(0)
            if view is None:
                return
            self._body.removeWidget(view)
            view.deleteLater()

    def _choose_file(self, suffix: str) -> None:
        if self._entry is None:
            return
        proposed = f"{self._entry.file_stem}{suffix}"
        chosen, _ = QFileDialog.getSaveFileName(self, "Export the report", proposed, f"*{suffix}")
        if chosen:
            path = Path(chosen)
            self.export(path if path.suffix else path.with_suffix(suffix))

    def _wrote(self, path: Path) -> None:
        self._state.message.emit("success", f"The report is in {path}.")
        self.written.emit(str(path))

    def _build(self) -> None:
        self.list.setAccessibleName("Reports")
        self.list.currentItemChanged.connect(lambda item, _: self._choose(item))
        left = frame(column(text("Review reports", "section"), self.list, margin=12), "panel")
        left.setFixedWidth(WIDTH)
        words = text("Export as", "muted")
        head = frame(row(self._title, None, words, *self.exports, margin=14), "panel")
        self._home = QFrame()
        self._home.setLayout(row(left, column(head, self._body, gap=0), gap=0))
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._home)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)


def _item(entry: ReportEntry) -> QListWidgetItem:
    item = QListWidgetItem(f"{entry.title}\n{entry.verdicts} verdicts")
    item.setData(Qt.ItemDataRole.UserRole, entry)
    return item
