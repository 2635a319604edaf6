"""Silent repeats: an image graded before comes back, turned or mirrored, in the place of the next frame.

The name and time above it are those of the place where it stands in, the list and the time line show that
place as not labelled, and what was said of the image before does not show: nothing tells it from a new frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.repeats import RepeatTask
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.label.changes import AnyChange, Change, RepeatChange
from blasto_annotator.gui.label.moments import Moment, arrange

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow
    from blasto_annotator.store import Project


@dataclass(frozen=True)
class Repeat:
    """An image to be shown again, with the other planes of its moment."""

    task: RepeatTask
    frame: Frame
    moment: Moment


@dataclass(frozen=True)
class _Place:
    """Where a repeat stands in: the moment whose frames these are, seen from this plane at first."""

    frame_ids: frozenset[int]
    plane: int


class RepeatFlow(QObject):
    """Asks after each label whether a repeat is due, and keeps it at hand until it can be shown."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._next: Repeat | None = None
        self._shown: Repeat | None = None
        self._place: _Place | None = None
        self._open = False
        """Whether a repeat was shown whose answer is not committed: no other one is due before that."""
        self._number = 0
        """Answers to questions asked before it changed come too late."""

    def begin(self) -> None:
        """Another project or grader."""
        self._next = self._shown = self._place = None
        self._open = False
        self._number += 1
        self._ask()

    def wanted(self) -> list[Frame]:
        """What to read ahead, so that its page turns like any other."""
        repeat = self._shown or self._next
        return [repeat.frame] if repeat is not None else []

    def committed(self, change: AnyChange) -> None:
        """A change was stored: after a new label a repeat may be due."""
        if isinstance(change, RepeatChange):
            self._open = change.entry is None
        elif isinstance(change, Change) and change.why == "" and not self._open:
            self._ask()

    def arrive(self) -> None:
        """The queue moved on: the repeat takes this place, if its image is at hand and the place is free."""
        navigator = self._flow.navigator
        moment, frame = navigator.moment, navigator.frame
        repeat = self._next or self._shown
        if repeat is None or moment is None or frame is None or navigator.place in navigator.entries():
            return
        picture = self._flow.images.at_hand(repeat.frame)
        if picture is None:
            return
        self._next = None
        if picture.sha256 == repeat.task.sha256:  # a file that changed since is another image
            self._shown, self._open = repeat, True
            self._number += 1
            self._place = _Place(frozenset(f.id for f in moment.frames), frame.plane or 0)

    def stand_in(self, frame: Frame) -> tuple[Repeat, Frame] | None:
        """What to show instead of `frame`: the repeat and, of its planes, the one as far from its own."""
        if self._shown is None or self._place is None or frame.id not in self._place.frame_ids:
            return None
        plane = (self._shown.frame.plane or 0) + (frame.plane or 0) - self._place.plane
        moved = (frame.plane or 0) != self._place.plane
        return self._shown, self._shown.moment.at(plane) if moved else self._shown.frame

    def answered(self) -> None:
        """The repeat was graded: the frame whose place it took comes next."""
        self._shown = self._place = None
        self._flow.turn()

    def turned(self, change: AnyChange) -> None:
        """Undo shows the repeat again, redo takes it away; labels are not touched."""
        if not isinstance(change, RepeatChange):
            return
        if change.entry is not None:
            self._shown = self._place = None
            return
        project, task, frame = self._flow.state.project, change.task, change.frame
        if project is None:
            return

        def show(repeat: Repeat | None) -> None:
            if repeat is not None:
                self._shown = repeat
                self._place = _Place(self._moment_of(frame), frame.plane or 0)
                self._flow.turn()

        run_op(self, lambda: _read(project, task), show, serial=False)

    def _moment_of(self, frame: Frame) -> frozenset[int]:
        moment = self._flow.navigator.moment
        ids = frozenset(f.id for f in moment.frames) if moment is not None else frozenset[int]()
        return ids if frame.id in ids else frozenset((frame.id,))

    def _ask(self) -> None:
        project, grader = self._flow.state.project, self._flow.state.grader
        if project is None or not grader:
            return

        number = self._number

        def op() -> Repeat | None:
            task = project.repeats.due(grader)
            return _read(project, task) if task is not None else None

        def take(repeat: Repeat | None) -> None:
            if number == self._number:
                self._next = repeat
                self._flow.read_ahead()

        run_op(self, op, take, serial=False)


def _read(project: Project, task: RepeatTask) -> Repeat | None:
    """The image with its neighbours; None where the project no longer has it."""
    try:
        frame = project.frames.get(task.frame_id)
    except KeyError:
        return None
    sequence = arrange(frame.embryo_id, project.frames.of_embryo(frame.embryo_id))
    return Repeat(task, frame, sequence.moments[sequence.place_of(frame.id)])
