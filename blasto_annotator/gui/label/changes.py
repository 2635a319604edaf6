"""Undo and redo across frames: each step is one more row, never a row less. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.labels import LabelEntry


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

    def turned(self, why: str) -> Change:
        """The change that takes this one back."""
        return replace(self, before=self.after, after=self.before, why=why)

    def again(self) -> Change:
        """This change once more."""
        return replace(self, why="redo")


@dataclass
class History:
    """What can be undone and redone in this session."""

    done: list[Change] = field(default_factory=list)
    undone: list[Change] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """A new change; what was undone before cannot be redone any more."""
        self.done.append(change)
        self.undone.clear()

    def undo(self) -> Change | None:
        """The change that takes back the newest one; None where nothing is left."""
        if not self.done:
            return None
        change = self.done.pop()
        self.undone.append(change)
        return change.turned("undo")

    def redo(self) -> Change | None:
        """The change that was undone last, once more."""
        if not self.undone:
            return None
        change = self.undone.pop()
        self.done.append(change)
        return change.again()

    def drop(self, change: Change) -> None:
        """Forgets a change that never reached the disk."""
        self.done = [kept for kept in self.done if kept is not change]
