"""The window of graders: their accounts, who grades which embryos, and silent repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QTabWidget, QWidget

from blasto_annotator.gui.accounts.accounts_tab import AccountsTab
from blasto_annotator.gui.accounts.assignments_tab import AssignmentsTab
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, column, row, text

if TYPE_CHECKING:
    from blasto_annotator.store import Project


class GradersWindow(QDialog):
    """Non-modal; every change is saved at once and stands in the audit trail."""

    def __init__(self, parent: QWidget, state: AppState, project: Project) -> None:
        super().__init__(parent)
        self.setWindowTitle("Graders")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.accounts = AccountsTab(state, project)
        self.assignments = AssignmentsTab(state, project)
        self.accounts.changed.connect(self.assignments.reload)
        tabs = QTabWidget()
        tabs.addTab(self.accounts, "Accounts")
        tabs.addTab(self.assignments, "Assignments")
        close = button("Close", self.close, role="primary")
        self.setLayout(column(text("Graders", "heading"), tabs, row(None, close), gap=14, margin=20))
        self.resize(720, 560)
        state.project_changed.connect(self.close)
        state.grader_changed.connect(self.accounts.reload)
