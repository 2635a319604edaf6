"""Through the frames that fit the typed filter: to the next, the one before, the next without a label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.search import narrows_frames
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.label.hints import with_key
from blasto_annotator.store.stepping import Way

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

NO_FILTER = "No filter is set: type one under {find}, such as hpi>110."
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
            self._flow.state.status.emit(
                NO_FILTER.format(find=with_key("Find", self._flow.key_of("label.search")))
            )
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

    def next_unlabelled(self) -> None:
        """Goes to the next moment without this grader's label, of those that fit where a filter is set."""
        fits = " that fits the filter" if self._flow.list.search else ""
        self._seek(_Wish(f"Every moment{fits} has your label.", around=True, unlabelled=True))

    def tell_end(self) -> None:
        """The list's last frame was graded and saved: says whether some before it are left."""
        flow = self._flow
        project, grader, search = flow.state.project, flow.state.grader, flow.list.search
        if project is None:
            return
        way = Way(tuple(flow.navigator.order), None)

        def op() -> str:
            if search:
                found = project.search.following(way, f"{UNLABELLED} {search}", grader, project.scheme)
                return "" if found is None else "Some before it have no label"
            done, moments = project.labels.progress(grader)
            left = moments - done
            return f"{left:,} moment{' has' if left == 1 else 's have'} no label" if left else ""

        run_op(self, op, lambda left: flow.state.status.emit(end_words(left, flow.key_of("label.next"))))

    def _seek(self, wish: _Wish) -> None:
        flow = self._flow
        project, grader, navigator = flow.state.project, flow.state.grader, flow.navigator
        if project is None:
            return
        here, search = navigator.frame, flow.list.search
        way = Way(
            tuple(navigator.order), here.id if here is not None else None,
            wish.forward, wish.inclusive, wish.around, navigator.plane or 0,
        )  # fmt: skip
        words = f"{UNLABELLED} {search}" if wish.unlabelled else search
        navigator.turning.emit()
        self._number += 1

        def op() -> Frame | None:
            if search:
                found = project.search.following(way, words, grader, project.scheme)
            else:
                found = project.frames.unlabelled(grader, way.here)
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
            self._flow.navigator.go_to(frame, keep_plane=not self._flow.list.search)
            return
        self._flow.stay()
        if wish.unlabelled and not self._flow.list.search:
            self._flow.state.message.emit("success", wish.nothing)
        else:
            self._flow.state.status.emit(wish.nothing)

    def _fail(self, error: Exception) -> None:
        self._flow.stay()
        report_error(self, error)


def end_words(left: str, key: str = "") -> str:
    """What is said at the list's end; `left` is what has no label yet, empty where nothing.

    `key` is what goes to the next of those.
    """
    if not left:
        return "That was the last frame of the list: every moment has your label."
    way = with_key("Next unlabelled", key)
    return f"That was the last frame of the list. {left} of yours yet: {way} goes there."
