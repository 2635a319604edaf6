"""Labels on their way to the disk: in order, one at a time, none lost, none said saved before the commit."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from blasto_annotator.domain.acts import REDO, UNDO
from blasto_annotator.domain.errors import UnreachableError, UserError
from blasto_annotator.domain.flags import Flag
from blasto_annotator.domain.labels import Label, LabelEntry, Turn, Turned
from blasto_annotator.domain.repeats import RepeatLabel
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.label.changes import (
    AnyChange,
    Change,
    FlagChange,
    RepeatChange,
    Spread,
    labels_in,
)

if TYPE_CHECKING:
    from blasto_annotator.store import Project

log = logging.getLogger(__name__)
Saved = Label | list[Label] | Turned | Flag | RepeatLabel | None
"""What was committed."""


FIRST_WAIT_MS = 1000
LONGEST_WAIT_MS = 30_000


class SaveQueue(QObject):
    """Holds entries until they are committed. A failure stops the queue until `retry` or `give_up`.

    Where a server does not answer, the queue tries again by itself, at first after a second, then ever later.
    """

    began = Signal(int)
    """How many entries wait."""
    saved = Signal(object, object)
    """Change and what was committed (`Saved`)."""
    stuck = Signal(object, object)
    """Change and the error; the change still heads the queue."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._waiting: deque[AnyChange] = deque()
        self._busy = False
        self._failure: Exception | None = None
        self._tries = 0
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self.retry)

    def set_project(self, project: Project | None) -> None:
        """Where entries go; what waited for another project was asked about before."""
        self._project = project
        self._waiting.clear()
        self._failure = None
        self._forget_tries()

    def add(self, change: AnyChange) -> None:
        """Takes an entry on; the newest entry of a frame that is stuck replaces the older one."""
        head = self._waiting[0] if self._waiting else None
        merged = _in_place_of(head, change) if self._failure is not None else None
        if merged is not None:
            self._waiting[0] = merged
        else:
            self._waiting.append(change)
        self.retry()

    def waiting(self) -> int:
        """Entries that are not committed."""
        return len(self._waiting)

    def failed(self) -> bool:
        """Whether the queue is stuck."""
        return self._failure is not None

    def tries(self) -> int:
        """How often the entry at the head was tried in vain because the server did not answer."""
        return self._tries

    def next_try(self) -> float:
        """Seconds from a failure until the queue tries again by itself; 0 where it does not."""
        return self._again.interval() / 1000 if self._again.isActive() else 0.0

    def stuck_change(self) -> AnyChange | None:
        """The entry that could not be saved."""
        return self._waiting[0] if self._failure is not None else None

    def retry(self) -> None:
        """Tries the head of the queue again."""
        self._again.stop()
        self._failure = None
        self._next()

    def give_up(self) -> AnyChange | None:
        """Drops the entry that cannot be saved and goes on with the others."""
        dropped = self._waiting.popleft() if self._failure is not None else None
        self._tries = 0
        self.retry()
        return dropped

    def _next(self) -> None:
        project = self._project
        if self._busy or not self._waiting or project is None:
            return
        self._busy = True
        change = self._waiting[0]
        self.began.emit(len(self._waiting))
        run_op(self, lambda: commit(project, change), lambda saved: self._done(change, saved), self._fail)

    def _done(self, change: AnyChange, saved: Saved) -> None:
        self._busy = False
        self._forget_tries()
        if self._waiting and self._waiting[0] is change:
            self._waiting.popleft()
        self.saved.emit(change, saved)
        log.info("saved %s: %s", _row_words(change, saved), describe(change))
        self._next()

    def _fail(self, error: Exception) -> None:
        self._busy = False
        if not isinstance(error, UserError):
            report_error(self, error)
        self._failure = error
        if not self._waiting:
            return
        if isinstance(error, UnreachableError):
            self._again.start(min(FIRST_WAIT_MS << min(self._tries, 10), LONGEST_WAIT_MS))
            self._tries += 1
        self.stuck.emit(self._waiting[0], error)

    def _forget_tries(self) -> None:
        self._tries = 0
        self._again.stop()


def _in_place_of(stuck: AnyChange | None, change: AnyChange) -> Change | None:
    """The change that says what both say of one image: before it stands what stood before the stuck one."""
    if not isinstance(stuck, Change) or not isinstance(change, Change) or stuck.frame.id != change.frame.id:
        return None
    return replace(change, before=stuck.before)


def commit(project: Project, change: AnyChange) -> Saved:
    """Writes one change and returns after the commit."""
    if isinstance(change, FlagChange):
        return project.flags.put(
            change.frame.id, change.sha256, change.grader, change.flag,
            raised=change.raised, note=change.note, why=change.why, moment=change.entered,
        )  # fmt: skip
    if isinstance(change, RepeatChange):
        if change.entry is None:
            return None  # to be answered again: nothing is written until then
        return project.repeats.record(
            change.task, change.grader, change.entry, change.entered, change.frame.id
        )
    if change.why in (UNDO, REDO):
        turns = [Turn(one.frame.id, one.sha256, one.before, one.after) for one in labels_in(change)]
        return project.labels.turn(turns, change.grader, change.why, labels_in(change)[0].entered)
    if isinstance(change, Spread):
        rows = [(one.frame.id, one.sha256, one.after) for one in change.changes]
        return project.labels.record_many(rows, change.grader, change.why, change.changes[0].entered)
    return _commit_label(project, change)


def _commit_label(project: Project, change: Change) -> Label:
    frame = change.frame
    if frame.sha256 != change.sha256:
        project.frames.set_hashes([(frame.id, change.sha256)])
    row = (frame.id, change.sha256, change.after)
    return project.labels.record_many([row], change.grader, change.why, change.entered)[0]


def describe(change: AnyChange) -> str:
    """What a change says, for status bar and log: grade, embryo, time."""
    when = "" if change.frame.hpi is None else f" · {change.frame.hpi:.1f} h"
    return f"{_said(change)} · {change.frame.embryo}{when}"


def _said(change: AnyChange) -> str:
    if isinstance(change, FlagChange):
        return f"flag “{change.flag}” {'raised' if change.raised else 'taken off'}"
    if isinstance(change, Spread):
        return f"{_words(change.changes[0].after)} for {len(change.changes)} images"
    return _words(change.entry if isinstance(change, RepeatChange) else change.after)


def _words(entry: LabelEntry | None) -> str:
    return "withdrawn" if entry is None else str(entry.grade or f"not gradable, {entry.reason}")


def _row_words(change: AnyChange, saved: Saved) -> str:
    """What was stored, for the log."""
    if isinstance(saved, Label):
        return f"label row {saved.id}"
    if isinstance(saved, Flag):
        return f"flag row {saved.id}"
    if isinstance(saved, RepeatLabel):
        return f"repeat row {saved.id}"
    if isinstance(saved, Turned):
        written = [label for label, late in zip(saved.labels, saved.overtaken, strict=True) if not late]
        if len(written) == 1 and written[0] is not None:
            return f"label row {written[0].id}"
        return f"{len(written)} of {len(saved.labels)} label rows"
    return f"{len(saved)} label rows" if saved is not None else "nothing yet"
