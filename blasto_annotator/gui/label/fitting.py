"""Which moments of the embryo on show fit the typed filter: the time line marks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from blasto_annotator.domain.search import narrows_frames
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.label.moments import places_of

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

REST_MS = 60
"""So long the page rests before they are read."""


class FittingMoments(QObject):
    """Reads them in the background; a filter that chooses whole embryos marks nothing."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._read)
        flow.navigator.embryo_changed.connect(self._begin)
        flow.list.filtered.connect(self._begin)
        flow.saving.counted.connect(lambda _: self._timer.start())

    def _begin(self) -> None:
        """Another embryo or filter: what was marked does not hold."""
        self._flow.centre.timeline.show_fitting(None)
        self._timer.start()

    def _read(self) -> None:
        flow = self._flow
        project, grader, search = flow.state.project, flow.state.grader, flow.list.search
        current = flow.navigator.current
        if project is None or current is None or not search or not narrows_frames(search):
            return
        sequence = current.sequence

        def show(found: set[int]) -> None:
            now = flow.navigator.current
            if now is not None and now.sequence is sequence and search == flow.list.search:
                flow.centre.timeline.show_fitting(frozenset(places_of(sequence, found)))

        op = lambda: project.search.frames(sequence.embryo_id, search, grader, project.scheme)  # noqa: E731
        run_op(self, op, show, serial=False)
