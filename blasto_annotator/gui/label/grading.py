"""The grade of the frame on screen while it is entered. Holds no widgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.labels import NOT_GRADABLE_REASONS, Label, LabelEntry
from blasto_annotator.domain.repeats import RepeatTask
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.label.changes import (
    AnyChange,
    Change,
    FlagChange,
    History,
    RepeatChange,
    Spread,
    labels_in,
)
from blasto_annotator.gui.label.entry import PendingGrade, complete, take_back, type_key

UNDO, REDO = "undo", "redo"
"""What may wait among typed keys for the frame that they are typed for."""
View = Mapping[str, float | str | bool]


@dataclass(frozen=True)
class OnScreen:
    """The frame that the grader sees, with the content hash of its pixels."""

    frame: Frame
    sha256: str
    repeat: RepeatTask | None = None
    """The image comes back unannounced, in the place of `frame`: earlier labels of it do not show."""
    image: Frame | None = None
    """The frame whose image it is, where that is another one."""

    @property
    def draft(self) -> int:
        """What a half typed grade is kept under."""
        return self.frame.id if self.repeat is None else -self.frame.id


class Grading(QObject):
    """Keys go to the frame that is on screen when they are typed; while a page turns they wait."""

    changed = Signal()
    hint = Signal(str)
    submitted = Signal(object)
    """A Change that is complete; the page saves it and moves on."""

    turned = Signal(str)
    """`UNDO` or `REDO`, whose turn it is now."""

    def __init__(self, parent: QObject, view: Callable[[], View]) -> None:
        super().__init__(parent)
        self._view = view
        self._keys: deque[str] = deque()
        self._parked: dict[int | None, deque[str]] = {}
        self.target: int | None = None
        """The frame that is on screen or about to be; None while that is not known."""
        self._drafts: dict[int, tuple[PendingGrade, str]] = {}
        self._entries: dict[tuple[str, str], LabelEntry | None] = {}
        self._draining = False
        self.history = History()
        self.scheme: Scheme | None = None
        self.grader = ""
        self.on_screen: OnScreen | None = None
        self.pending = PendingGrade()
        self.note = ""
        self.choosing = False
        """Whether digits choose the reason for not gradable."""
        self._early = False
        """Whether the grade before was too early for letters: who types them on is told the rule."""
        self.remark = ""
        """What this grader said of another plane of the moment."""
        self.obstacle = ""
        """Why the frame cannot be graded, where it cannot be shown."""

    def begin(self, scheme: Scheme | None, grader: str) -> None:
        """Another project or grader: nothing of the one before is shown or undone."""
        self.history = History()
        self._drafts.clear()
        self._entries.clear()
        self._keys.clear()
        self._parked.clear()
        self.scheme, self.grader, self.on_screen = scheme, grader, None
        self.pending, self.note, self.choosing = PendingGrade(), "", False
        self.changed.emit()

    def take_scheme(self, scheme: Scheme) -> None:
        """Another scheme for the same grades; what is half typed is begun anew."""
        self.scheme, self.pending = scheme, PendingGrade()
        self.changed.emit()

    @property
    def entry(self) -> LabelEntry | None:
        """What this grader's label of the frame on screen says, saved or on its way."""
        if self.on_screen is None or self.on_screen.repeat is not None:
            return None
        return self._entries.get((self.on_screen.sha256, self.grader))

    def turn_to(self, frame_id: int | None) -> None:
        """The page turns: what is typed stays with its frame; None while it is not known to which.

        Keys that follow a finished grade belong to the frame that comes next, wherever that is.
        """
        self._keep_draft()
        if not self._draining and self.target is not None and self._keys:
            self._parked[self.target] = self._keys
            self._keys = deque()
        self._keys = self._keys + self._parked.pop(frame_id, deque())
        self.target, self.on_screen, self.obstacle = frame_id, None, ""

    def drop_keys(self) -> None:
        """What was typed for a frame that does not come; what is to be undone is."""
        self._keys = deque(key for key in self._keys if key in (UNDO, REDO))

    def block(self, words: str) -> None:
        """The frame cannot be shown, hence not graded."""
        self.drop_keys()
        waiting, self._keys = self._keys, deque()
        self.obstacle = words
        self.changed.emit()
        for kind in waiting:
            self.turned.emit(kind)

    def show(self, frame: Frame, sha256: str, label: Label | None, remark: str = "") -> None:
        """The frame is on screen now; keys that waited for it are typed. `remark` is of other planes."""
        self._entries.setdefault((sha256, self.grader), label.entry if label is not None else None)
        self._begin(OnScreen(frame, sha256), remark)

    def show_repeat(self, frame: Frame, task: RepeatTask, image: Frame) -> None:
        """An image that was graded before is on screen in the place of `frame`, as if it were new."""
        self._begin(OnScreen(frame, task.sha256, task, image), "")

    def _begin(self, shown: OnScreen, remark: str) -> None:
        self.remark, self.on_screen = remark, shown
        kept = self.entry.note if self.entry is not None else ""
        self.pending, self.note = self._drafts.pop(shown.draft, (PendingGrade(), kept))
        self.choosing = False
        self.changed.emit()
        self._drain()

    def key(self, char: str) -> None:
        """A typed character: digit, letter, X, or `<` for Backspace and `!` for Esc."""
        if self.obstacle:
            self.hint.emit(self.obstacle)
            return
        self._keys.append(char)
        self._drain()

    @property
    def typed_ahead(self) -> bool:
        """Whether keys wait for the frame that they are typed for."""
        return bool(self._keys)

    def waits(self, kind: str) -> bool:
        """Whether `UNDO` or `REDO` must wait: grades typed before it have not met their frame yet."""
        if self._keys:
            self._keys.append(kind)
        return bool(self._keys)

    def click(self, **parts: int | str) -> None:
        """Sets parts of the grade in any order."""
        if self._ready():
            self._set(replace(self.pending, **parts))  # type: ignore[arg-type]

    def toggle_reasons(self) -> None:
        """Opens or closes the list of reasons."""
        if self._ready():
            self.choosing = not self.choosing
            self.pending = PendingGrade()
            self.changed.emit()

    def not_gradable(self, reason: str) -> None:
        """Submits: this frame cannot be graded."""
        if self._ready():
            self._submit(LabelEntry(None, reason, self.note, self._view()))

    def set_note(self, note: str) -> None:
        """Keeps the note for the entry to come."""
        self.note = note.strip()

    def finish_note(self) -> None:
        """Saves a changed note of a frame that has a label."""
        entry = self.entry
        if entry is not None and self.note != entry.note and not self.pending:
            self._submit(replace(entry, note=self.note), why="note")

    def flag(self, name: str, *, raised: bool) -> None:
        """Raises a flag on the image on screen, or takes it off."""
        shown = self.on_screen
        if shown is not None and self._ready():
            self._do(FlagChange(shown.image or shown.frame, shown.sha256, self.grader, name, raised))

    def spread(self, images: Sequence[tuple[Frame, str]], entry: LabelEntry, why: str) -> None:
        """Gives an entry to other images (frame, content hash) that carry none, in one step."""
        free = [(frame, sha256) for frame, sha256 in images if self._free(sha256)]
        changes = [Change(frame, sha256, self.grader, None, entry, why) for frame, sha256 in free]
        if changes:
            self._note(changes)
            self._do(Spread(tuple(changes)))

    def undo(self) -> AnyChange | None:
        """The change to save for undoing, or None."""
        return self._turned(self.history.undo())

    def redo(self) -> AnyChange | None:
        """The change to save for redoing, or None."""
        return self._turned(self.history.redo())

    def read_anew(self) -> None:
        """Labels were stored beside this page, such as by an import: what it knew of them is read again."""
        self._entries.clear()

    def forget(self, change: AnyChange) -> None:
        """A change that was given up."""
        self.history.drop(change)
        for label in labels_in(change):
            self._entries[(label.sha256, label.grader)] = label.before
        self.changed.emit()

    def overtaken(self, change: AnyChange, stands: Mapping[str, LabelEntry | None]) -> None:
        """What was to be undone or redone was not: `stands` tells, by content, what images say instead."""
        for label in labels_in(change):
            key = (label.sha256, label.grader)
            if label.sha256 in stands and self._entries.get(key) == label.after:
                self._entries[key] = stands[label.sha256]
        if len(stands) == len(labels_in(change)):
            self.history.drop_turned(change)
        self._take_note()
        self.changed.emit()

    def _take_note(self) -> None:
        """The note of the frame on screen is its label's again."""
        if self.on_screen is not None and not self.pending:
            self.note = self.entry.note if self.entry is not None else ""

    def _free(self, sha256: str) -> bool:
        return self._entries.get((sha256, self.grader)) is None

    def _note(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._entries[(change.sha256, change.grader)] = change.after

    def _do(self, change: AnyChange) -> None:
        self.history.add(change)
        self.submitted.emit(change)

    def _keep_draft(self) -> None:
        if self.on_screen is None:
            return
        noted = self.entry.note if self.entry is not None else ""
        if self.pending or self.note != noted:
            self._drafts[self.on_screen.draft] = (self.pending, self.note)

    def _turned(self, change: AnyChange | None) -> AnyChange | None:
        for label in labels_in(change):
            self._entries[(label.sha256, label.grader)] = label.after
            self._drafts.pop(label.frame.id, None)
            self.pending, self.choosing = PendingGrade(), False
            self.note = label.after.note if label.after is not None else ""
        return change

    def _drain(self) -> None:
        if self._draining:
            return
        self._draining = True
        try:
            while self._keys and self.on_screen is not None:
                self._type(self._keys.popleft())
        finally:
            self._draining = False

    def _type(self, char: str) -> None:
        if char in (UNDO, REDO):
            self.turned.emit(char)
            return
        if not self._ready() or self.scheme is None:
            return
        if char == "!":
            self.choosing = False
            self._set(PendingGrade())
        elif char in "X0":
            self.toggle_reasons()
        elif self.choosing:
            self._choose(char)
        elif char == "<":
            self._set(take_back(self.pending))
        else:
            typed = type_key(self.pending, char, self.scheme, after_early=self._early)
            self.hint.emit(typed.hint)
            self._set(typed.pending)

    def _choose(self, char: str) -> None:
        if char == "<":
            self.toggle_reasons()
        elif char.isdigit() and 1 <= int(char) <= len(NOT_GRADABLE_REASONS):
            self.not_gradable(NOT_GRADABLE_REASONS[int(char) - 1])
        else:
            self.hint.emit(f"Type 1 to {len(NOT_GRADABLE_REASONS)} for the reason, or Esc.")

    def _set(self, pending: PendingGrade) -> None:
        self.pending = pending
        grade = complete(pending, self.scheme) if self.scheme is not None else None
        self.changed.emit()
        if grade is not None:
            self._submit(LabelEntry(grade, "", self.note, self._view()))

    def _submit(self, entry: LabelEntry, why: str = "") -> None:
        if self.on_screen is None:
            return
        change = self._change(self.on_screen, entry, why)
        self._note(labels_in(change))
        self.pending, self.choosing = PendingGrade(), False
        self._early = entry.grade is not None and entry.grade.icm is None
        self.changed.emit()
        self._do(change)

    def _change(self, shown: OnScreen, entry: LabelEntry, why: str) -> Change | RepeatChange:
        if shown.repeat is not None:
            return RepeatChange(shown.frame, shown.repeat, self.grader, entry)
        before = self.entry
        reason = why or ("correction" if before is not None else "")
        return Change(shown.frame, shown.sha256, self.grader, before, entry, reason)

    def _ready(self) -> bool:
        if self.on_screen is None:
            return False
        if not self.grader:
            self.hint.emit("Say who grades first.")
            return False
        return True
