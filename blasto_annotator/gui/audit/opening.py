"""The trail's newest rows are checked whenever a project is opened, once its first frame is on screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from blasto_annotator.domain.audit import AuditRow, tampered_sentence
from blasto_annotator.domain.errors import UnreachableError, UserError
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState

IDLE_MS = 1500


class OpeningCheck(QObject):
    """Silent where all holds; else the altered row is named in the message bar."""

    def __init__(self, parent: QObject, state: AppState) -> None:
        super().__init__(parent)
        self._state = state
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._idle.timeout.connect(self._check)
        state.project_changed.connect(self._idle.start)

    def _check(self) -> None:
        project = self._state.project
        if project is not None:
            run_op(self, project.audit.verify_tail, self._tell, self._failed, serial=False)

    def _failed(self, error: Exception) -> None:
        # A server that went away is told by whatever is asked of it next.
        if isinstance(error, UserError) and not isinstance(error, UnreachableError):
            self._state.message.emit("error", str(error))

    def _tell(self, broken: AuditRow | None) -> None:
        if broken is not None:
            show = partial(self._state.page_requested.emit, "audit")
            self._state.trouble.emit(tampered_sentence(broken), "Open the audit page", show)
