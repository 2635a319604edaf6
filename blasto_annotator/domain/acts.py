"""What a grader did, step by step: from it undo and redo are told, also after a restart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import RepeatTask

UNDO, REDO = "undo", "redo"


@dataclass(frozen=True)
class LabelAct:
    """One label row: what stood before it, and what it says (None: nothing)."""

    frame_id: int
    sha256: str
    before: LabelEntry | None
    after: LabelEntry | None
    why: str


@dataclass(frozen=True)
class FlagAct:
    """One flag row."""

    frame_id: int
    sha256: str
    flag: str
    note: str
    raised: bool
    why: str


@dataclass(frozen=True)
class RepeatAct:
    """One second look: the image that came back, and what was said of it."""

    frame_id: int
    """In whose place it was shown."""
    task: RepeatTask
    entry: LabelEntry
    why: str = ""


Act = LabelAct | FlagAct | RepeatAct
Step = tuple[Act, ...]
"""What was stored at once, and is undone at once."""


def stacks(steps: Iterable[Step]) -> tuple[list[Step], list[Step]]:
    """Steps as they were stored, oldest first -> (what can be undone, what can be redone), newest last."""
    done: list[Step] = []
    undone: list[Step] = []
    for step in steps:
        why = step[0].why
        if why == UNDO:
            if done:
                undone.append(done.pop())
        elif why == REDO:
            if undone:
                done.append(undone.pop())
        else:
            done.append(step)
            undone.clear()
    return done, undone


def frames_of(steps: Sequence[Step]) -> set[int]:
    """Frames that the steps are about."""
    return {act.frame_id for step in steps for act in step}
