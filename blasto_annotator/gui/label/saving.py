"""From a finished grade to the disk, and back to the grader where that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from blasto_annotator.domain.labels import Label, Turned
from blasto_annotator.gui.label.changes import AnyChange, Change, FlagChange, RepeatChange, labels_in
from blasto_annotator.gui.label.grading import REDO, UNDO
from blasto_annotator.gui.label.overtaken import overtaken_words
from blasto_annotator.gui.label.saves import Saved, describe

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

NOBODY = "Say who you are first."
SLOW_MS = 150
"""A commit that takes longer is said to be under way."""


class SavingFlow(QObject):
    """Ties grading, queue, notice and status bar together."""

    saved = Signal(object, str)
    """Frame and content hash of a label that was committed."""
    flagged = Signal(str)
    """Content hash of an image whose flags changed."""
    counted = Signal(object)
    """Any change that was committed."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(lambda: self._say("info", "Saving …"))
        flow.grading.submitted.connect(self._submit)
        flow.saves.began.connect(self._began)
        flow.saves.saved.connect(self._saved)
        flow.grading.turned.connect(self._turn)
        flow.saves.stuck.connect(self._stuck)
        flow.side.notice.retry.connect(self.retry)
        flow.side.notice.show_frame.connect(self._show_frame)
        flow.side.notice.give_up.connect(self._give_up)

    def undo(self) -> None:
        """Takes the newest change back and goes to its frame; grades typed before are given first."""
        if not self._flow.grading.waits(UNDO):
            self._turn(UNDO)

    def redo(self) -> None:
        """Puts back what was undone and goes to its frame."""
        if not self._flow.grading.waits(REDO):
            self._turn(REDO)

    def retry(self) -> None:
        """Tries again to save what could not be saved."""
        self._flow.saves.retry()
        self._flow.centre.view.setFocus()

    def _submit(self, change: AnyChange) -> None:
        self._flow.saves.add(change)
        if isinstance(change, RepeatChange):
            self._flow.repeats.answered()
        elif isinstance(change, Change) and change.why != "note":
            self._flow.advance()

    def _turn(self, kind: str) -> None:
        grading = self._flow.grading
        self._save_turned(grading.undo() if kind == UNDO else grading.redo(), f"Nothing to {kind}.")

    def _save_turned(self, change: AnyChange | None, nothing: str) -> None:
        if change is None:
            self._flow.state.status.emit(nothing if self._flow.grading.grader else NOBODY)
            return
        self._flow.saves.add(change)
        self._flow.repeats.turned(change)
        self._flow.navigator.go_to(change.frame)

    def _began(self, waiting: int) -> None:
        if self._flow.saves.tries():
            self._flow.side.notice.show_trying()
        else:
            self._flow.side.notice.hide()
            self._slow.start()

    def _saved(self, change: AnyChange, stored: Saved) -> None:
        self._slow.stop()
        self._flow.side.notice.hide()
        for written, label in zip(labels_in(change), _labels(stored), strict=True):
            if label is not None:
                self._flow.navigator.put_label(written.frame, label)
            self.saved.emit(written.frame, written.sha256)
            self._flow.state.labels_changed.emit(written.frame.id)
        if isinstance(change, FlagChange):
            self.flagged.emit(change.sha256)
        self.counted.emit(change)
        if isinstance(stored, Turned) and any(stored.overtaken):
            self._tell_overtaken(change, stored)
        else:
            self._flow.state.saved.emit(f"Saved: {describe(change)}")

    def _tell_overtaken(self, change: AnyChange, turned: Turned) -> None:
        """Something else was said since: it stays, and the grader reads why."""
        found = zip(labels_in(change), turned.labels, turned.overtaken, strict=True)
        stands = {
            one.sha256: label.entry if label is not None else None for one, label, late in found if late
        }
        self._flow.grading.overtaken(change, stands)
        self._say("success", "")
        self._flow.state.message.emit("info", overtaken_words(change, turned))

    def _stuck(self, change: AnyChange, error: Exception) -> None:
        """The page stays where it is: who types on must not hit another frame than the one in view."""
        self._slow.stop()
        self._flow.centre.player.pause()
        self._flow.stop_seeking()
        saves = self._flow.saves
        if saves.tries() < 2:
            QApplication.beep()
        count = saves.waiting()
        self._flow.side.notice.show_failure(describe(change), error, count, saves.next_try())
        one = f"1 {'flag' if isinstance(change, FlagChange) else 'label'} is"
        self._say("error", f"{one if count == 1 else f'{count} entries are'} not saved")

    def _show_frame(self) -> None:
        change = self._flow.saves.stuck_change()
        if change is not None:
            self._flow.navigator.go_to(change.frame)
        self._flow.centre.view.setFocus()

    def _give_up(self) -> None:
        dropped = self._flow.saves.give_up()
        if dropped is not None:
            self._flow.grading.forget(dropped)
        self._flow.side.notice.hide()
        self._say("success", "")
        self._flow.centre.view.setFocus()

    def _say(self, kind: str, words: str) -> None:
        if self._flow.status is not None:
            self._flow.status.show_saved(kind, words)


def _labels(stored: Saved) -> Sequence[Label | None]:
    """The label rows of what was stored."""
    if isinstance(stored, Turned):
        return stored.labels
    return [stored] if isinstance(stored, Label) else stored if isinstance(stored, list) else []
