"""Signing in: a typed or chosen name becomes the grader of the session, after its PIN where it has one."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from blasto_annotator.domain.graders import Grader
from blasto_annotator.gui.accounts.pin_dialog import PinDialog
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.state import AppState

if TYPE_CHECKING:
    from blasto_annotator.store import Project


log = logging.getLogger(__name__)


class GraderSession(QObject):
    """Hears who wants to grade; a new name makes an account without a question."""

    def __init__(self, window: QWidget, state: AppState, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._state, self._settings = window, state, settings
        self.dialog: PinDialog | None = None
        """The question for a PIN, while it is open."""
        state.grader_requested.connect(self.enter)

    def enter(self, name: str) -> None:
        """Signs somebody in; an empty name signs out."""
        project = self._state.project
        if project is None or not name.strip():
            self._state.set_grader("")
            return
        run_op(self, lambda: project.graders.enter(name), partial(self._entered, project))

    def _entered(self, project: Project, grader: Grader) -> None:
        if project is not self._state.project or grader.name == self._state.grader:
            return
        if not grader.has_pin:
            self._begin(grader.name)
            return
        self.dialog = PinDialog(self._window, grader.name)
        self.dialog.typed.connect(lambda pin: self._check(project, grader.name, pin))
        self.dialog.show()
        log.info("asks for the PIN of %s", grader.name)

    def _check(self, project: Project, name: str, pin: str) -> None:
        dialog = self.dialog
        if dialog is None:
            return

        def right(_: None) -> None:
            dialog.close()
            if project is self._state.project:
                self._begin(name)

        run_op(dialog, lambda: project.graders.check_pin(name, pin), right, dialog.refuse)

    def _begin(self, name: str) -> None:
        self._settings.remember_grader(name)
        self._state.set_grader(name)
