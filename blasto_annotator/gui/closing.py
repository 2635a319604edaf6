"""What closing the window waits for: what is not on the disk yet, and a training run that is alive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from blasto_annotator.gui.state import AppState

POLL_MS = 40
SAVING = (("label", "label", "labels"), ("agreement", "decision", "decisions"))
"""Pages that hold what is not on the disk yet, and what to call one and several of it."""


class Closing(QObject):
    """Asks at most two questions, and none where nothing is at stake."""

    def __init__(self, window: QWidget, state: AppState, pages: Mapping[str, QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._pages = pages
        self._answered = False
        state.project_changed.connect(self._forget_answer)

    def allowed(self, again: Callable[[], object]) -> bool:
        """Whether the window may close now; calls `again` later where it waits for something to be saved."""
        for name, one, several in SAVING:
            page = cast(Any, self._pages.get(name))
            if page is None or not page.saves.waiting():
                continue
            if not page.saves.failed():
                QTimer.singleShot(POLL_MS, again)
                return False
            if not self._lose(page, one, several):
                return False
        return self._answered or self._leave_run()

    def _forget_answer(self) -> None:
        self._answered = False

    def _lose(self, page: Any, one: str, several: str) -> bool:
        count = page.saves.waiting()
        what = f"One {one} is" if count == 1 else f"{count} {several} are"
        box = self._box(
            f"{what} not saved yet.",
            "The project's folder or its server could not be written. Nothing else is lost.",
        )
        lose = box.addButton("Close without saving", QMessageBox.ButtonRole.DestructiveRole)
        retry = box.addButton("Try again", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        clicked = _ask(box, retry)
        if clicked is retry:
            page.saves.retry()
        return clicked is lose

    def _leave_run(self) -> bool:
        train = cast(Any, self._pages.get("train"))
        said = train.under_way() if hasattr(train, "under_way") else ""
        if not said:
            return True
        box = self._box(said, "It can go on without this window; reopening the project finds it.")
        keep = box.addButton("Keep training in the background", QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton("Stop and save", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        clicked = _ask(box, keep)
        if clicked is stop:
            train.stop_run()
        self._answered = clicked in (keep, stop)
        return self._answered

    def _box(self, heading: str, sentence: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setWindowTitle("Close")
        box.setText(heading)
        box.setInformativeText(sentence)
        return box


def _ask(box: QMessageBox, default: QPushButton) -> object:
    box.setDefaultButton(default)
    box.exec()
    return box.clickedButton()
