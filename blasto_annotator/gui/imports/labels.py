"""Importing labels: whose they are, how the table is read and why, and every line that was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.people import login_name
from blasto_annotator.gui.accounts.pin_dialog import PinDialog
from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import button, column, restyle, row, text

if TYPE_CHECKING:
    from blasto_annotator.importers.grade_tables import GradeTable
    from blasto_annotator.importers.labels_csv import LabelImportReport
    from blasto_annotator.store import Project

TABLE_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")
SHOWN = 40
LEFT_OUT = "left out: "
FIELDS = {"image": "Image", "expansion": "Expansion", "icm": "ICM", "te": "TE", "grade": "Whole grade"}
NONE = "–"


@dataclass(frozen=True)
class Read:
    """A table and how its lines are understood."""

    titles: tuple[str, ...]
    sheets: tuple[str, ...]
    table: GradeTable | None
    words: tuple[tuple[int, str, str], ...]
    """Line, image, and the grade or why there is none."""
    problem: str = ""
    advice: str = ""
    """What to do about it here."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field to title, as far as it is clear."""


ADVICE = {
    "columns": "Choose above which columns hold the image and the grade.",
    "coding": "Say at “Cells” what the digits mean.",
}


class LabelsDialog(QDialog):
    """Non-modal. Nothing is stored before Import."""

    imported = Signal(object)

    def __init__(self, parent: QWidget | None, state: AppState, file: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import labels")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._state, self._file, self._asked = state, file, 0
        self._picked: dict[str, str] = {}
        self._who = ""
        """Who imports."""
        self.grader = QLineEdit(placeholderText="Whose labels are these?")
        self.grader.setAccessibleName("Grader")
        self.sheet, self.coding = QComboBox(), QComboBox()
        self.columns = {field: QComboBox() for field in FIELDS}
        self.reason = text("", "small", wrap=True)
        self.table = _table()
        self.problems = QListWidget()
        self.bar = QProgressBar()
        self.words = text("Reading the table …", "muted", wrap=True)
        self.start = button("Import", self._import, role="primary")
        self.close_button = button("Cancel", self.close)
        self.back = button("Take it back", self._take_back, icon_name="undo")
        self.back.setToolTip("What stood before this import stands again; what is graded since stays")
        self.back.hide()
        self._lay_out()
        self._connect()
        self.resize(820, 600)
        self.grader.setFocus()
        self.read()

    def read(self) -> None:
        """Reads the file as chosen now, in the background."""
        self._asked += 1
        number, file, how = self._asked, self._file, self._chosen()
        self.start.setEnabled(False)
        run_op(
            self, lambda: read_table(file, *how),
            lambda found: self._show(number, found), lambda error: self._fail(error), serial=False,
        )  # fmt: skip

    def _lay_out(self) -> None:
        from blasto_annotator.importers.grade_tables import CODINGS

        self.coding.addItem("As recognised", "")
        for name, what in CODINGS.items():
            self.coding.addItem(f"{what[0].upper()}{what[1:]}", name)
        self.coding.setAccessibleName("What the cells mean")
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("File", text(self._file.name))
        form.addRow("Read as", self.reason)
        form.addRow("Sheet", self.sheet)
        form.addRow("Columns", self._column_boxes())
        form.addRow("Cells", self.coding)
        form.addRow("Grader", self.grader)
        self._form = form
        for name, box in self.columns.items():
            box.setAccessibleName(f"Column: {FIELDS[name]}")
            box.setMinimumContentsLength(6)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.problems.hide()
        self.problems.setAccessibleName("Lines that were left out")
        self.problems.setWordWrap(True)
        self.problems.setAlternatingRowColors(True)
        self.problems.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = row(self.words, self.bar, self.back, self.close_button, self.start, gap=10)
        foot.setStretch(0, 1)
        self._section = text("How the first lines are read", "section")
        heading = text("Import labels", "heading")
        parts = (heading, form, self._section, self.table, self.problems, foot)
        self.setLayout(column(*parts, gap=12, margin=20))

    def _column_boxes(self) -> QGridLayout:
        """Each field's name above the column that holds it."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        for place, (name, title) in enumerate(FIELDS.items()):
            grid.addWidget(text(title, "small"), 0, place)
            grid.addWidget(self.columns[name], 1, place)
            grid.setColumnStretch(place, 1)
        return grid

    def _connect(self) -> None:
        self.grader.textChanged.connect(lambda _: self._allow())
        self.coding.activated.connect(lambda _: self.read())
        self.sheet.activated.connect(lambda _: self._other_sheet())
        for field_name, box in self.columns.items():
            box.activated.connect(partial(self._pick, field_name))
        self.grader.returnPressed.connect(self._import)

    def _pick(self, field_name: str, place: int) -> None:
        """Another column for a field, or none; the other fields stay as recognised."""
        title = self.columns[field_name].itemText(place)
        self._picked[field_name] = "" if title == NONE else title
        self.read()

    def _other_sheet(self) -> None:
        self._picked.clear()
        self.read()

    def _chosen(self) -> tuple[Mapping[str, str] | None, str | None, str | None]:
        columns = dict(self._picked)
        return columns or None, self.coding.currentData() or None, self.sheet.currentText() or None

    def _show(self, number: int, found: Read) -> None:
        if number != self._asked:
            return
        self._found = found
        self._fill_boxes(found)
        if found.table is not None and not self.grader.text():
            self.grader.setText(suggested_grader(self._file, found.table.coding))
        self.reason.setText(found.table.why if found.table else found.problem)
        restyle(self.reason, "small" if found.table else "warning")
        self.table.setRowCount(len(found.words))
        for line, cells in enumerate(found.words):
            for place, words in enumerate(cells):
                self.table.setItem(line, place, _item(str(words), cells[2].startswith(LEFT_OUT)))
        self._allow()

    def _fill_boxes(self, found: Read) -> None:
        self._form.setRowVisible(self.sheet, len(found.sheets) > 1)
        if self.sheet.count() == 0 and len(found.sheets) > 1:
            self.sheet.addItems(list(found.sheets))
        for name, box in self.columns.items():
            title = self._picked.get(name) or found.columns.get(name, NONE)
            box.clear()
            box.addItems([NONE, *found.titles])
            box.setCurrentText(title if title in found.titles else NONE)

    def _allow(self) -> None:
        found = getattr(self, "_found", None)
        ready = found is not None and found.table is not None
        self.start.setEnabled(ready and bool(self.grader.text().strip()))
        if ready and not self.grader.text().strip():
            self.say("Write whose labels these are, such as Kromp silver.")
        elif ready:
            self.say("Labels that stand already are skipped; nothing is overwritten.")
        else:
            self.say(found.advice if found is not None else "")

    def say(self, words: str, role: str = "muted") -> None:
        """A sentence at the foot."""
        self.words.setText(words)
        restyle(self.words, role)

    def _fail(self, error: Exception) -> None:
        self.bar.hide()
        if isinstance(error, UserError):
            self.say(str(error), "danger")
        else:
            report_error(self, error)

    def _import(self) -> None:
        project = self._state.project
        if project is None or not self.start.isEnabled():
            return
        self.start.setEnabled(False)
        grader, who = self.grader.text().strip(), self._state.grader

        def go_on(asks: bool) -> None:
            if asks:
                self._ask_pin(project, grader, who)
            else:
                self._store(project, grader, who or login_name())

        run_op(self, lambda: project.graders.asks_pin(grader, who), go_on, self._fail)

    def _ask_pin(self, project: Project, grader: str, who: str) -> None:
        """Only the owner and who adjudicates import under a guarded name without its PIN."""
        dialog = PinDialog(self, grader)
        dialog.finished.connect(lambda _: self._allow())

        def right(_: None) -> None:
            dialog.close()
            self._store(project, grader, who)

        dialog.typed.connect(
            lambda pin: run_op(dialog, lambda: project.graders.check_pin(grader, pin), right, dialog.refuse)
        )
        dialog.show()

    def _store(self, project: Project, grader: str, who: str) -> None:
        self._who = who
        self.start.setEnabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()
        file, how = self._file, self._chosen()
        tell = on_gui(self, self._tell)

        def op() -> LabelImportReport:
            from blasto_annotator.importers.labels_csv import TableOptions, import_labels

            return import_labels(project, file, grader, tell, TableOptions(*how), who)

        run_op(self, op, self._imported, self._fail)

    def _take_back(self) -> None:
        """The import that this window made: wrong table, wrong name."""
        project, grader, who = self._state.project, self.grader.text().strip(), self._who
        if project is None:
            return
        self.back.setEnabled(False)

        def op() -> tuple[int, int]:
            account = project.graders.find(grader)
            name = grader if account is None else account.name
            newest = max(each.number for each in project.label_imports.all() if each.grader == name)
            return project.label_imports.take_back(newest, who)

        run_op(self, op, self._taken_back, self._fail)

    def _taken_back(self, counts: tuple[int, int]) -> None:
        done, left = counts
        self._state.labels_changed.emit(0)
        since = f" {left:,} stay, since more was said of them." if left else ""
        self.say(f"{_count(done, 'label')} taken back: what stood before stands again.{since}", "success")
        self.back.hide()

    def _tell(self, done: int, total: int | None) -> None:
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)
        self.say(f"Looking at the frames: {done:,}")

    def _imported(self, report: LabelImportReport) -> None:
        self.bar.hide()
        self._state.labels_changed.emit(0)
        left = len(report.problems)
        words = f"{_count(report.imported, 'label')} imported, {report.skipped:,} skipped, {left:,} left out."
        if report.empty:
            words = f"{words[:-1]}, {_count(report.empty, 'line')} without a grade."
        self.say(" ".join((words, *report.remarks)), "warning" if left else "success")
        self._section.setText("Lines that were left out" if left else "Every line was read")
        self.table.setVisible(not left)
        self.problems.setVisible(bool(left))
        self.problems.clear()
        self.problems.addItems(list(report.problems))
        self.start.hide()
        self.back.setVisible(report.imported > 0)
        for box in (self.sheet, self.coding, self.grader, *self.columns.values()):
            box.setEnabled(False)
        self.close_button.setText("Close")
        self.close_button.setFocus()
        self.imported.emit(report)


def read_table(file: Path, columns: Mapping[str, str] | None, coding: str | None, sheet: str | None) -> Read:
    """The table as it would be read; a table that is not understood keeps its titles to choose from.

    Raises:
        UserError: the file cannot be read.
    """
    from blasto_annotator.importers.grade_tables import column_titles, read_grade_table
    from blasto_annotator.importers.labels_csv import grade_in
    from blasto_annotator.importers.sheets import worksheets
    from blasto_annotator.importers.titles import UnclearTableError

    titles, sheets = tuple(column_titles(file, sheet)), tuple(worksheets(file))
    try:
        table = read_grade_table(file, columns, coding, sheet)
    except UnclearTableError as error:
        return Read(titles, sheets, None, (), str(error), ADVICE[error.lacks], error.columns)
    except UserError as error:
        return Read(titles, sheets, None, (), str(error))
    words = []
    for line, cells in table.lines[:SHOWN]:
        try:
            read = table.read(cells)
            grade = grade_in(read)
            said = str(grade) if grade is not None else read.get("reason", "") or "nothing said"
        except UserError as error:
            said = f"{LEFT_OUT}{error}"
        words.append((line, cells.get("image", "") or cells.get("sha256", ""), said))
    return Read(titles, sheets, table, tuple(words), columns=table.columns)


def suggested_grader(file: Path, coding: str) -> str:
    """A name for the graders of Kromp et al., whose tables say whose they are; nobody otherwise."""
    if coding != "kromp":
        return ""
    for standard in ("silver", "gold"):
        if standard in file.name.lower():
            return f"Kromp {standard}"
    return f"Kromp {file.stem.replace('_', ' ')}"


def _table() -> QTableWidget:
    made = QTableWidget(0, 3)
    made.setHorizontalHeaderLabels(["Line", "Image", "Grade"])
    made.verticalHeader().hide()
    made.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)  # long names wrap
    made.setShowGrid(False)
    made.setAlternatingRowColors(True)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    header = made.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    made.setAccessibleName("How the first lines are read")
    return made


def _item(words: str, left_out: bool) -> QTableWidgetItem:
    made = QTableWidgetItem(words)
    made.setToolTip(words)
    if left_out:
        made.setForeground(QColor(current_theme().warning))
    return made


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
