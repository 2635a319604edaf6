"""The Reports page: what reviews showed and what the models are, looked at and exported."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from blasto_annotator.curation.blinding import require_unblind
from blasto_annotator.curation.near_copies import Nearest, decide
from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.reports.contents import ReportEntry, list_models, list_reports
from blasto_annotator.gui.reports.model_view import ModelFacts, ModelView, read_model
from blasto_annotator.gui.reports.report_view import ReportView
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text
from blasto_annotator.gui.widgets.empty_state import EmptyState
from blasto_annotator.gui.widgets.nearest_view import NearestView
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.reports.evidence import Evidence
from blasto_annotator.reports.nearest_page import Load
from blasto_annotator.reports.promotion import promote
from blasto_annotator.reports.review_table import ReviewTable, review_table
from blasto_annotator.reports.review_writers import write_card, write_report
from blasto_annotator.store import Project

FORMATS = {"PDF": ".pdf", "Web page": ".html", "CSV": ".csv", "Markdown": ".md", "JSON": ".json"}
CARD_FORMATS = (".html", ".md")
WIDTH = 244


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
        self.card: Evidence | None = None
        self.list = QListWidget()
        self.exports = [button(title, partial(self._choose_file, FORMATS[title])) for title in FORMATS]
        self.nearest = button("Nearest frames", self.show_nearest)
        self.published = QCheckBox("Published review beside it")
        self.with_frames = QCheckBox("Web page with nearest real frames")
        self._options = QFrame()
        self._title = text("", "title")
        self._export_as = text("Export as", "muted")
        self._body = QStackedWidget()
        self._stack = QStackedWidget()
        self._empty = EmptyState(
            "reports", "No reports yet",
            "Once a model's images are reviewed, their figures stand here.",
            ("Go to review", lambda: state.page_requested.emit("review")),
        )  # fmt: skip
        self._build()
        state.project_changed.connect(self._project_changed)

    def activated(self) -> None:
        """The page was shown: reviews may have come. The keyboard chooses among them."""
        if self.list.count():
            self.list.setFocus()
        project = self._state.project
        if project is None:
            self._stack.setCurrentWidget(self._empty)
        else:
            run_op(
                self, lambda: [*list_reports(project), *list_models(project)], self._show_list, serial=False
            )

    def export(self, path: Path) -> None:
        """Writes the report on show in the format of the suffix."""
        table, card = self.table, self.card
        if table is not None:
            load = self._pictures()
            run_op(self, lambda: write_report(table, path, load), lambda _: self._wrote(path), serial=False)
        elif card is not None:
            run_op(self, lambda: write_card(card, path), lambda _: self._wrote(path), serial=False)

    def _pictures(self) -> Load | None:
        """Pictures of the project, where the page may hold them."""
        project = self._state.project
        if project is None or not self.with_frames.isChecked():
            return None
        folder = project.folder
        return lambda file: decode_grey(folder / file)

    def _project_changed(self) -> None:
        self._entry = self.table = self.card = None
        self._clear_body()
        self.list.clear()
        if self.isVisible():
            self.activated()

    def _show_list(self, entries: list[ReportEntry]) -> None:
        if not entries:
            self._stack.setCurrentWidget(self._empty)
            return
        chosen = self._entry.title if self._entry is not None else ""
        if not self.list.count() and self.isVisible():
            self.list.setFocus()
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
        for title, made in zip(FORMATS, self.exports, strict=True):
            made.setVisible(entry.model is None or FORMATS[title] in CARD_FORMATS)
        self.nearest.hide()
        self._export_as.show()
        self._options.setVisible(entry.model is None)
        if entry.model is not None:
            self._choose_model(project, entry, entry.model)
            return
        who, published = self._state.grader, self.published.isChecked()

        def read() -> ReviewTable:
            table = review_table(project, entry.batch, entry.reviewer, published)
            require_unblind(project, who, table.batch_names)
            return table

        run_op(
            self, read, lambda table: self._show_table(entry, table),
            lambda error: self._not_shown(entry, error), serial=False,
        )  # fmt: skip

    def _not_shown(self, entry: ReportEntry, error: Exception) -> None:
        """Figures that would tell a reader what the images of an open session are."""
        if not isinstance(error, UserError):
            report_error(self, error)
        elif entry is self._entry:
            self.table = self.card = None
            for made in (*self.exports, self._export_as, self._options):
                made.hide()
            self._clear_body()
            said = text(str(error), wrap=True)
            card = frame(column(text("These figures wait", "heading"), said, gap=12, margin=20))
            shown = QFrame()
            shown.setLayout(column(card, None, margin=24))
            self._body.addWidget(shown)

    def _show_table(self, entry: ReportEntry, table: ReviewTable) -> None:
        project = self._state.project
        if entry is not self._entry or project is None:
            return
        self.table, self.card = table, None
        self._clear_body()
        view = ReportView(table, project.scheme)
        self._body.addWidget(view)
        self._body.setCurrentWidget(view)
        self.nearest.setVisible(bool(table.nearest))

    def show_nearest(self) -> None:
        """Every generated image of the report beside its nearest real frames; Esc goes back."""
        project, table = self._state.project, self.table
        if project is None or table is None or not table.nearest:
            return
        view = NearestView(table.nearest, project)
        view.decided.connect(self._decide)
        view.closed.connect(self._again)
        self._body.addWidget(view)
        self._body.setCurrentWidget(view)
        view.setFocus()

    def _decide(self, image: Nearest, let_pass: bool) -> None:
        project, who = self._state.project, self._state.grader
        if project is None:
            return
        said = "may enter training sets" if let_pass else "stays out of training sets"
        run_op(
            self,
            lambda: decide(project, [image], let_pass, who, "decided on the Reports page"),
            lambda _: self._state.saved.emit(f"{image.image.rpartition('/')[2]} {said}"),
        )

    def _again(self) -> None:
        """Reads the report on show anew."""
        self._choose(self.list.currentItem())

    def _choose_model(self, project: Project, entry: ReportEntry, checkpoint: Path) -> None:
        run_op(
            self, lambda: read_model(project, checkpoint), lambda facts: self._show_model(entry, facts),
            serial=False,
        )  # fmt: skip

    def _show_model(self, entry: ReportEntry, facts: ModelFacts) -> None:
        if entry is not self._entry or entry.model is None:
            return
        self.table, self.card = None, facts.card
        self._clear_body()
        view = ModelView(facts)
        view.use_pressed.connect(lambda: self._promote(entry))
        self._body.addWidget(view)
        self._body.setCurrentWidget(view)

    def _promote(self, entry: ReportEntry) -> None:
        """Puts the model on show into use, or back into use."""
        project, path, who = self._state.project, entry.model, self._state.grader
        if project is not None and path is not None:
            run_op(
                self,
                lambda: promote(project, path, who, "promoted on the Reports page"),
                lambda _: self._promoted(path),
            )

    def _promoted(self, path: Path) -> None:
        self._state.saved.emit(f"The model of {path.parent.parent.name} is in use")
        self._entry = None
        self.activated()

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
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(lambda item, _: self._choose(item))
        left = frame(column(text("Reviews and models", "section"), self.list, margin=12), "panel")
        left.setFixedWidth(WIDTH)
        self.nearest.setToolTip("Every generated image beside the real frames that it is most like")
        self.published.setChecked(True)
        self.published.toggled.connect(lambda _: self._again())
        self.with_frames.setChecked(True)
        self.with_frames.setToolTip("A web page shows each generated image beside its nearest real frames")
        self._options.setLayout(row(self.published, self.with_frames, self.nearest, gap=16))
        above = row(self._title, None, self._export_as, *self.exports)
        head = frame(column(above, row(None, self._options), gap=8, margin=14), "panel")
        self._home = QFrame()
        self._home.setLayout(row(left, column(head, self._body, gap=0), gap=0))
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._home)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)


def _item(entry: ReportEntry) -> QListWidgetItem:
    item = QListWidgetItem(f"{entry.title}\n{entry.details}")
    item.setData(Qt.ItemDataRole.UserRole, entry)
    return item
