"""Through the frames that fit the typed filter: to the next, the one before, the next without a label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.search import narrows_frames
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.store.stepping import Way

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

NO_FILTER = "No filter is set: type one under Find (Ctrl+F), such as hpi>110."
UNLABELLED = "is:unlabelled"


@dataclass(frozen=True)
class _Wish:
    """One way through the list."""

    nothing: str
    """What to say where it leads nowhere."""
    forward: bool = True
    inclusive: bool = False
    around: bool = False
    unlabelled: bool = False


class FilterFlow(QObject):
    """Asks the store in line with the saves: what was just graded counts. Keys typed meanwhile wait."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._number = 0
        flow.navigator.moved.connect(self._moved)

    def step(self, forward: bool) -> None:
        """Goes to the next frame that fits, or to the one before."""
        if not self._flow.list.search:
            self._flow.state.status.emit(NO_FILTER)
            return
        end = "last" if forward else "first"
        self._seek(_Wish(f"This is the {end} frame that fits the filter.", forward))

    def enter(self) -> None:
        """A filter was typed: goes to a frame that fits, where the one on show does not."""
        if self._flow.list.search:
            self._seek(_Wish("No frame fits the filter.", inclusive=True, around=True))

    def advance(self) -> bool:
        """A frame was graded: on to the next that fits; False where no filter chooses among frames."""
        if not narrows_frames(self._flow.list.search):
            return False
        self._seek(_Wish("That was the last frame that fits the filter."))
        return True

    def next_unlabelled(self) -> bool:
        """Goes to the next moment that fits and has no label; False where no filter is set."""
        if not self._flow.list.search:
            return False
        self._seek(_Wish("Every moment that fits the filter has your label.", around=True, unlabelled=True))
        return True

    def _seek(self, wish: _Wish) -> None:
        flow = self._flow
        project, grader, navigator = flow.state.project, flow.state.grader, flow.navigator
        if project is None:
            return
        here = navigator.frame
        way = Way(
            tuple(navigator.order), here.id if here is not None else None,
            wish.forward, wish.inclusive, wish.around, navigator.plane or 0,
        )  # fmt: skip
        words = f"{UNLABELLED} {flow.list.search}" if wish.unlabelled else flow.list.search
        navigator.turning.emit()
        self._number += 1

        def op() -> Frame | None:
            found = project.search.following(way, words, grader, project.scheme)
            return project.frames.get(found) if found is not None else None

        run_op(self, op, self._current(lambda frame: self._go(frame, wish)), self._current(self._fail))

    def _current(self, slot: Callable[..., None]) -> Callable[..., None]:
        """The slot, unless the page went elsewhere meanwhile."""
        number = self._number
        return lambda result: slot(result) if number == self._number else None

    def _moved(self) -> None:
        self._number += 1

    def _go(self, frame: Frame | None, wish: _Wish) -> None:
        if frame is not None:
            self._flow.navigator.go_to(frame)
        else:
            self._flow.stay()
            self._flow.state.status.emit(wish.nothing)

    def _fail(self, error: Exception) -> None:
        self._flow.stay()
        report_error(error)
