"""Labels on their way to the disk: in order, one at a time, none lost, none said saved before the commit."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.labels import Label
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.label.changes import Change

if TYPE_CHECKING:
    from blasto_annotator.store import Project

log = logging.getLogger(__name__)


class SaveQueue(QObject):
    """Holds entries until they are committed. A failure stops the queue until `retry` or `give_up`."""

    began = Signal(int)
    """How many entries wait."""
    saved = Signal(object, object)
    """Change and the label that was committed."""
    stuck = Signal(object, object)
    """Change and the error; the change still heads the queue."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._waiting: deque[Change] = deque()
        self._busy = False
        self._failure: Exception | None = None

    def set_project(self, project: Project | None) -> None:
        """Where entries go; what waited for another project was asked about before."""
        self._project = project
        self._waiting.clear()
        self._failure = None

    def add(self, change: Change) -> None:
        """Takes an entry on; the newest entry of a frame that is stuck replaces the older one."""
        head = self._waiting[0] if self._waiting else None
        if self._failure is not None and head is not None and head.frame.id == change.frame.id:
            self._waiting[0] = change
        else:
            self._waiting.append(change)
        self.retry()

    def waiting(self) -> int:
        """Entries that are not committed."""
        return len(self._waiting)

    def failed(self) -> bool:
        """Whether the queue is stuck."""
        return self._failure is not None

    def stuck_change(self) -> Change | None:
        """The entry that could not be saved."""
        return self._waiting[0] if self._failure is not None else None

    def retry(self) -> None:
        """Tries the head of the queue again."""
        self._failure = None
        self._next()

    def give_up(self) -> Change | None:
        """Drops the entry that cannot be saved and goes on with the others."""
        dropped = self._waiting.popleft() if self._failure is not None else None
        self.retry()
        return dropped

    def _next(self) -> None:
        project = self._project
        if self._busy or not self._waiting or project is None:
            return
        self._busy = True
        change = self._waiting[0]
        self.began.emit(len(self._waiting))
        run_op(self, lambda: commit(project, change), lambda label: self._done(change, label), self._fail)

    def _done(self, change: Change, label: Label) -> None:
        self._busy = False
        if self._waiting and self._waiting[0] is change:
            self._waiting.popleft()
        self.saved.emit(change, label)
        log.info("saved label row %d: %s", label.id, describe(change))
        self._next()

    def _fail(self, error: Exception) -> None:
        self._busy = False
        if not isinstance(error, UserError):
            report_error(error)
        self._failure = error
        if self._waiting:
            self.stuck.emit(self._waiting[0], error)


def commit(project: Project, change: Change) -> Label:
    """Writes one change and returns after the commit."""
    frame = change.frame
    if frame.sha256 != change.sha256:
        project.frames.set_hashes([(frame.id, change.sha256)])
    if change.after is None:
        return project.labels.withdraw(frame.id, change.sha256, change.grader, change.why or "undo")
    return project.labels.record(frame.id, change.sha256, change.grader, change.after, change.why)


def describe(change: Change) -> str:
    """What a change says, for status bar and log: grade, embryo, time."""
    entry = change.after
    what = "withdrawn" if entry is None else str(entry.grade or f"not gradable, {entry.reason}")
    when = "" if change.frame.hpi is None else f" · {change.frame.hpi:.1f} h"
    return f"{what} · {change.frame.embryo}{when}"
