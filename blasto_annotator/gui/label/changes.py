"""Undo and redo across frames: each step is one more row, never a row less. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from blasto_annotator.domain.acts import REDO, UNDO, Act, LabelAct, RepeatAct, Step
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import RepeatTask
from blasto_annotator.store.times import now_utc


@dataclass(frozen=True)
class Change:
    """One label as entered: where, by whom, what stood before and what stands after."""

    frame: Frame
    sha256: str
    """Of the image that was on screen."""
    grader: str
    before: LabelEntry | None
    after: LabelEntry | None
    why: str = ""
    entered: datetime = field(default_factory=now_utc, compare=False)
    """When; a save that is tried again is known by it."""

    def turned(self) -> Change:
        """The change that takes this one back."""
        return replace(self, before=self.after, after=self.before, why=UNDO, entered=now_utc())

    def again(self) -> Change:
        """This change once more."""
        return replace(self, why=REDO, entered=now_utc())


@dataclass(frozen=True)
class Spread:
    """One grade given to several images at once."""

    changes: tuple[Change, ...]

    @property
    def frame(self) -> Frame:
        """Where undoing goes to."""
        return self.changes[0].frame

    @property
    def grader(self) -> str:
        return self.changes[0].grader

    @property
    def why(self) -> str:
        return self.changes[0].why

    def turned(self) -> Spread:
        """The change that takes this one back."""
        return Spread(tuple(change.turned() for change in self.changes))

    def again(self) -> Spread:
        """This change once more."""
        return Spread(tuple(change.again() for change in self.changes))


@dataclass(frozen=True)
class FlagChange:
    """A flag that was raised or taken off."""

    frame: Frame
    sha256: str
    grader: str
    flag: str
    raised: bool
    note: str = ""
    why: str = ""
    entered: datetime = field(default_factory=now_utc, compare=False)

    def turned(self) -> FlagChange:
        """The change that takes this one back."""
        return replace(self, raised=not self.raised, why=UNDO, entered=now_utc())

    def again(self) -> FlagChange:
        """This change once more."""
        return replace(self, why=REDO, entered=now_utc())


@dataclass(frozen=True)
class RepeatChange:
    """A second look at an image. Taking it back shows the image again; it never touches a label."""

    frame: Frame
    """The frame in whose place it was shown."""
    task: RepeatTask
    grader: str
    entry: LabelEntry | None
    """None: taken back, to be answered again."""
    given: LabelEntry | None = None
    why: str = ""
    entered: datetime = field(default_factory=now_utc, compare=False)

    def turned(self) -> RepeatChange:
        """The change that takes this one back."""
        return replace(self, entry=None, given=self.entry, why=UNDO, entered=now_utc())

    def again(self) -> RepeatChange:
        """This change once more."""
        return replace(self, why=REDO, entered=now_utc())


AnyChange = Change | Spread | FlagChange | RepeatChange


def labels_in(change: AnyChange | None) -> tuple[Change, ...]:
    """The labels that a change writes."""
    if isinstance(change, Spread):
        return change.changes
    return (change,) if isinstance(change, Change) else ()


@dataclass
class History:
    """What can be undone and redone: this session's steps and, once read, those of earlier ones."""

    done: list[AnyChange] = field(default_factory=list)
    undone: list[AnyChange] = field(default_factory=list)
    _touched: bool = False

    def add(self, change: AnyChange) -> None:
        """A new change; what was undone before cannot be redone any more."""
        self.done.append(change)
        self.undone.clear()
        self._touched = True

    def undo(self) -> AnyChange | None:
        """The change that takes back the newest one; None where nothing is left."""
        if not self.done:
            return None
        change = self.done.pop()
        self.undone.append(change)
        self._touched = True
        return change.turned()

    def redo(self) -> AnyChange | None:
        """The change that was undone last, once more."""
        if not self.undone:
            return None
        change = self.undone.pop()
        self.done.append(change)
        return change.again()

    def drop(self, change: AnyChange) -> None:
        """Forgets a change that never reached the disk."""
        self.done = [kept for kept in self.done if not _is_same(kept, change)]

    def drop_turned(self, change: AnyChange) -> None:
        """Forgets a step that was to be undone or redone: something else stands where it stood."""
        undo = change.why == UNDO
        side = self.undone if undo else self.done
        same = (kept for kept in reversed(side) if (kept.turned() if undo else kept.again()) == change)
        step = next(same, None)
        side[:] = [kept for kept in side if kept is not step]

    def restore(self, done: Iterable[AnyChange], undone: Iterable[AnyChange]) -> None:
        """Puts the steps of earlier sessions under those of this one."""
        self.done[:0] = done
        if not self._touched:
            self.undone[:0] = undone


def _is_same(one: AnyChange, other: AnyChange) -> bool:
    """Whether two are one, though one was put in another's place while both waited."""
    if isinstance(one, Change) and isinstance(other, Change):
        return (one.frame.id, one.entered) == (other.frame.id, other.entered)
    return one is other


def change_of(step: Step, frames: Mapping[int, Frame], grader: str) -> AnyChange | None:
    """A step of an earlier session; None where its frame is no longer in the project."""
    known = [_of(act, frames[act.frame_id], grader) for act in step if act.frame_id in frames]
    labels = tuple(change for change in known if isinstance(change, Change))
    if len(labels) > 1:
        return Spread(labels)
    return known[0] if known else None


def _of(act: Act, frame: Frame, grader: str) -> Change | FlagChange | RepeatChange:
    if isinstance(act, RepeatAct):
        return RepeatChange(frame, act.task, grader, act.entry)
    if isinstance(act, LabelAct):
        return Change(frame, act.sha256, grader, act.before, act.after, act.why)
    return FlagChange(frame, act.sha256, grader, act.flag, act.raised, act.note, act.why)
