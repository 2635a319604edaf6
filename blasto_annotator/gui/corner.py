"""Project and grader, at the right of the menu bar."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import row

if TYPE_CHECKING:
    from blasto_annotator.gui.project_actions import ProjectActions


class CornerBar(QWidget):
    """Two quiet buttons with menus: other projects, other graders."""

    def __init__(self, state: AppState, settings: Settings, projects: ProjectActions) -> None:
        super().__init__()
        self._state, self._settings, self._projects = state, settings, projects
        self.project = _button("folder", "Project")
        self.grader = _button("user", "Grader of this session")
        layout = row(self.project, self.grader, gap=2)
        layout.setContentsMargins(0, 0, 8, 0)
        self.setLayout(layout)
        self._projects_menu, self._graders_menu = QMenu(self), QMenu(self)
        self.project.setMenu(self._projects_menu)
        self.grader.setMenu(self._graders_menu)
        self._projects_menu.aboutToShow.connect(self._fill_projects)
        self._graders_menu.aboutToShow.connect(self._fill_graders)
        state.project_changed.connect(self._show)
        state.grader_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        project = self._state.project
        self.project.setVisible(project is not None)
        self.grader.setVisible(project is not None)
        if project is not None:
            drawn = "  ·  drawn pictures" if project.is_sample else ""
            kept = "  ·  reading only" if project.read_only else ""
            self.project.setText(f" {project.name}{drawn}{kept}")
        self.grader.setText(f" {self._state.grader or 'No grader yet'}")

    def _fill_projects(self) -> None:
        menu = self._projects_menu
        menu.clear()
        here = str(self._state.project.folder) if self._state.project is not None else ""
        for known in self._settings.recent():
            if known.folder != here:
                menu.addAction(known.name, partial(self._projects.open, Path(known.folder)))
        menu.addSeparator()
        menu.addAction("Open project …", self._projects.ask_open)
        menu.addAction("Close project", self._projects.close)

    def _fill_graders(self) -> None:
        menu = self._graders_menu
        menu.clear()
        for name in self._settings.graders():
            action = menu.addAction(name, partial(self._state.grader_requested.emit, name))
            action.setCheckable(True)
            action.setChecked(name == self._state.grader)
        menu.addSeparator()
        menu.addAction("Somebody else …", lambda: self._state.set_grader(""))
        menu.addAction("Graders and assignments …", self._projects.show_graders)


def _button(icon_name: str, tip: str) -> QToolButton:
    made = QToolButton()
    made.setProperty("role", "corner")
    made.setIcon(icon(icon_name))
    made.setIconSize(QSize(16, 16))
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
