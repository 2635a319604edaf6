"""Edit > Grading scheme: how grades are grouped, changed at any time without touching a grade."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QRadioButton, QWidget

from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.store.schemes import load_scheme, scheme_names

WORDS = (
    "Grades stay as they were typed. Quality groups are derived from them anew, here and in every training "
    "set and report to come. The change is kept in the audit trail."
)


class SchemeDialog(QDialog):
    """Non-modal; a choice takes effect at once."""

    def __init__(self, parent: QWidget, state: AppState) -> None:
        super().__init__(parent)
        self.setWindowTitle("Grading scheme")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._state = state
        self.choices: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        rows = [self._choice(load_scheme(name)) for name in scheme_names()]
        close = button("Close", self.close, role="primary")
        head = text("Grading scheme", "heading")
        words = text(WORDS, "small", wrap=True)
        self.setLayout(column(head, words, *rows, None, row(None, close), gap=12, margin=20))
        self.resize(520, 460)

    def _choice(self, scheme: Scheme) -> QWidget:
        project = self._state.project
        made = QRadioButton(scheme.title)
        made.setChecked(project is not None and project.scheme.name == scheme.name)
        made.clicked.connect(lambda: self._choose(scheme.name))
        self._group.addButton(made)
        self.choices[scheme.name] = made
        about = text(f"{scheme.source}.", "small", wrap=True)
        about.setContentsMargins(30, 0, 0, 0)
        holder = QWidget()
        holder.setLayout(column(made, about, gap=2))
        return holder

    def _choose(self, name: str) -> None:
        project, grader = self._state.project, self._state.grader
        if project is None:
            return
        run_op(self._state, lambda: project.choose_scheme(name, grader), self._chosen, self._refused)

    def _refused(self, error: Exception) -> None:
        """The scheme in force stays chosen."""
        project = self._state.project
        if project is not None and shiboken6.isValid(self):
            self.choices[project.scheme.name].setChecked(True)
        report_error(self._state, error)

    def _chosen(self, scheme: Scheme) -> None:
        self._state.scheme_changed.emit()
        self._state.labels_changed.emit(0)
        self._state.status.emit(f"Grades are grouped by {scheme.title}.")
