"""Begins rounds, goes on with them, stops them and gives them up; a round walks in a process of its own."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.choices import Choices
from blasto_annotator.gui.train.round_model import RoundView
from blasto_annotator.rounds.launching import last_word, launch
from blasto_annotator.rounds.record import (
    Round,
    RoundState,
    begin,
    leave,
    newest_round,
    request_stop,
    take_up_again,
)
from blasto_annotator.store import Project

Child = subprocess.Popen[bytes]


class RoundRunner(QObject):
    """The walker outlives the window: its handle is kept only to notice a start that fails."""

    changed = Signal()
    """Something is starting or stopping, or ended."""

    def __init__(self, state: AppState, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._child: Child | None = None
        self._launching = False
        self._stopping = False

    @property
    def starting(self) -> bool:
        """Whether a round was started whose process has not taken its lock yet."""
        return self._launching or (self._child is not None and self._child.poll() is None)

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and has not ended yet."""
        return self._stopping

    def forget(self) -> None:
        """Another project."""
        self._child, self._launching, self._stopping = None, False, False

    def begin(self, choices: Choices) -> None:
        """A new round with these choices."""
        project = self._state.project
        if project is not None and not self.starting:
            who = self._state.grader
            self._launch(lambda: begin(project, choices.wish(who)))

    def resume(self) -> None:
        """Goes on where the newest round ended."""
        project = self._state.project
        if project is not None and not self.starting:
            self._launch(lambda: _newest(project))

    def stop(self) -> None:
        """Asks the walker to save and end."""
        project = self._state.project
        if project is not None:
            self._stopping = True
            self.changed.emit()
            run_op(
                self, lambda: request_stop(_newest(project)), lambda _: None, self._not_stopped, serial=False
            )

    def leave(self) -> None:
        """Gives the newest round up, and offers to take that back; its parts stay."""
        self._mark(leave, self._left)

    def take_up_again(self) -> None:
        """Takes that back."""
        self._mark(take_up_again, lambda _: self.changed.emit())

    def take(self, view: RoundView | None) -> None:
        """Learns from a round as it stands what is under way no more."""
        if view is not None and view.state is RoundState.RUNNING:
            self._child = None
        elif not self.starting:
            self._stopping = False
            self._say_failed_start(view)

    def _mark(self, act: Callable[[Round], None], then: Callable[[Round], None]) -> None:
        project = self._state.project
        if project is None:
            return

        def work() -> Round:
            newest = _newest(project)
            act(newest)
            return newest

        run_op(self, work, then, serial=False)

    def _left(self, left: Round) -> None:
        self.changed.emit()
        said = f"Round {left.number} was left; what it has made stays."
        self._state.offered.emit(said, "Take it up again", self.take_up_again)

    def _launch(self, make: Callable[[], Round]) -> None:
        project = self._state.project
        if project is None:
            return
        self._launching = True
        self.changed.emit()

        def work() -> Child:
            return launch(project, make())

        run_op(self, work, self._launched, self._failed, serial=False)

    def _launched(self, child: Child) -> None:
        self._launching, self._child = False, child
        threading.Thread(target=child.wait, name="reaper", daemon=True).start()
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._launching = False
        self.changed.emit()
        report_error(self, error)

    def _not_stopped(self, error: Exception) -> None:
        self._stopping = False
        self.changed.emit()
        report_error(self, error)

    def _say_failed_start(self, view: RoundView | None) -> None:
        """A process that ended before it took the lock left its sentence in the log only."""
        child, self._child = self._child, None
        project = self._state.project
        if child is None or not child.returncode or project is None:
            return
        if view is None or view.state is RoundState.INTERRUPTED:
            run_op(self, lambda: last_word(_newest(project)), self._say_word, serial=False)

    def _say_word(self, word: str) -> None:
        self._state.message.emit(
            "error", word or "The round could not start; its log is in the folder rounds."
        )


def _newest(project: Project) -> Round:
    found = newest_round(project)
    if found is None:
        raise UserError("There is no round to go on with: begin one.")
    return found
