"""Decisions on their way to the disk, one at a time; tried again by itself where a server does not answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from blasto_annotator.domain.adjudication import Adjudication
from blasto_annotator.domain.errors import UnreachableError, UserError
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.store.times import now_utc

log = logging.getLogger(__name__)
FIRST_WAIT_MS = 1000
LONGEST_WAIT_MS = 30_000


@dataclass(frozen=True)
class Act:
    """A decision, its undoing or its redoing, as one row to be written."""

    words: str
    """For the person who decided."""
    write: Callable[[datetime], Adjudication]
    then: Callable[[Adjudication], None]
    """Called after the commit."""
    entered: datetime = field(default_factory=now_utc)
    """When; a save that is tried again is known by it."""


class Decisions(QObject):
    """Holds an act until it is committed, or given up."""

    changed = Signal()
    """An act was taken on, stored, given up, or is tried again."""
    saved = Signal(object)
    """An act that is committed."""
    stuck = Signal(object, object)
    """Act and error; it is still held."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.act: Act | None = None
        """What is not committed yet."""
        self.count = 0
        """Acts taken on and finished: who reads the store meanwhile sees by it that he has to read again."""
        self._failed = False
        self._tries = 0
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self.retry)

    def save(self, act: Act) -> None:
        """Takes an act on; there is none before it."""
        self.act = act
        self.count += 1
        self.retry()

    def waiting(self) -> int:
        """How many are not committed."""
        return int(self.act is not None)

    def failed(self) -> bool:
        """Whether it could not be saved."""
        return self._failed

    def next_try(self) -> float:
        """Seconds from a failure until it is tried again by itself; 0 where it is not."""
        return self._again.interval() / 1000 if self._again.isActive() else 0.0

    def retry(self) -> None:
        """Writes what is held."""
        act = self.act
        self._again.stop()
        self._failed = False
        self.changed.emit()
        if act is not None:
            run_op(self, lambda: act.write(act.entered), lambda made: self._done(act, made), self._fail)

    def give_up(self) -> None:
        """Forgets what could not be saved."""
        self._finish()
        self.changed.emit()

    def _done(self, act: Act, made: Adjudication) -> None:
        if act is not self.act:
            return  # given up while it was on its way
        self._finish()
        act.then(made)
        log.info("saved adjudication row %d: %s", made.id, act.words)
        self.saved.emit(act)
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        if self.act is None:
            return
        self._failed = True
        if isinstance(error, UnreachableError):
            self._again.start(min(FIRST_WAIT_MS << min(self._tries, 10), LONGEST_WAIT_MS))
            self._tries += 1
        elif not isinstance(error, UserError):
            report_error(self, error)
        self.stuck.emit(self.act, error)

    def _finish(self) -> None:
        self.act, self._failed, self._tries = None, False, 0
        self.count += 1
        self._again.stop()
