"""Keeps the left panel in step with the store: what is listed, what is labelled, how far the queue is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import EmbryoRow, Frame
from blasto_annotator.domain.search import open_quote
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.label.embryo_model import MomentRow
from blasto_annotator.gui.label.embryo_panel import EmbryoPanel
from blasto_annotator.gui.label.moments import places_of
from blasto_annotator.gui.label.navigator import Navigator
from blasto_annotator.gui.state import AppState

if TYPE_CHECKING:
    from blasto_annotator.store import Project

log = logging.getLogger(__name__)
PROGRESS_MS = 250


@dataclass(frozen=True)
class Listing:
    """What one query brought."""

    rows: list[EmbryoRow]
    search: str
    """The filter that they fit."""
    total: int
    """Frames in the project."""
    first: Frame | None
    """Where to begin, where that was asked for."""


class EmbryoFlow(QObject):
    """Reads in the background; `listed` tells how many frames the project has."""

    listed = Signal(int)
    progressed = Signal(int, int)
    filtered = Signal()
    """Another filter is in force."""
    taken = Signal()
    """Enter was pressed behind a filter, and what fits it is listed."""

    def __init__(self, parent: QObject, state: AppState, navigator: Navigator, panel: EmbryoPanel) -> None:
        super().__init__(parent)
        self._state, self._navigator, self._panel = state, navigator, panel
        self._search = ""
        """As it is typed."""
        self.search = ""
        """What the list shows: the newest filter that could be read."""
        self._taking = False
        self._number = 0
        self._start_at: int | None = None
        """Where to begin, until a list was shown; a later reading goes on from there."""
        self._timer = QTimer(self, singleShot=True, interval=PROGRESS_MS)
        self._timer.timeout.connect(self._read_progress)
        panel.searched.connect(self._set_search)
        panel.entered.connect(self._take)
        panel.finder.saved.connect(self._save_filter)
        panel.finder.removed.connect(self._remove_filter)
        panel.filtered.connect(self._take_order)
        panel.embryo_chosen.connect(self._open)
        panel.moment_chosen.connect(navigator.go_to_place)

    def begin(self) -> None:
        """Another project: what was typed to find embryos of the one before is gone."""
        self._search = self.search = ""
        self._taking = False
        self._panel.begin()

    def reload(self, start_at: int | None = None) -> None:
        """Reads the list again; `start_at` is the frame to begin with, 0 for wherever the queue begins."""
        project, grader, search = self._state.project, self._state.grader, self._search
        start_at = self._start_at = start_at if start_at is not None else self._start_at
        if project is None:
            self._start_at = None
            self._panel.model.set_embryos([])
            return

        self._number += 1
        number = self._number

        def wanted() -> bool:
            return number == self._number

        def op() -> Listing:
            mine = bool(grader) and project.assignments.embryos(grader) is not None
            rows = project.search.embryos(search, grader, project.scheme, assigned=mine, wanted=wanted)
            first = None if start_at is None else _first(project, grader, start_at)
            return Listing(rows, search, project.frames.count(), first)

        run_op(
            self,
            op,
            lambda listing: self._show(project, listing) if wanted() else None,
            lambda error: self._refuse(error) if wanted() else None,
            serial=False,
        )
        self.count_soon()

    def read_offers(self) -> None:
        """What completion and the filter menu offer this grader."""
        project, grader, finder = self._state.project, self._state.grader, self._panel.finder
        if project is None:
            return

        def show(offers: tuple[dict[str, list[str]], dict[str, str]]) -> None:
            finder.values, finder.kept = offers

        op = lambda: (project.search.values(grader, project.scheme), project.filters.all(grader))  # noqa: E731
        run_op(self, op, show, serial=False)

    def _save_filter(self, name: str, words: str) -> None:
        project, grader = self._state.project, self._state.grader
        if project is not None:
            run_op(self, lambda: project.filters.save(grader, name, words), lambda _: self.read_offers())

    def _remove_filter(self, name: str) -> None:
        project, grader = self._state.project, self._state.grader
        if project is not None:
            run_op(self, lambda: project.filters.remove(grader, name), lambda _: self.read_offers())

    def _refuse(self, error: Exception) -> None:
        """The filter cannot be read: the list stays, and the sentence stands under the field."""
        self._taking = False
        if isinstance(error, UserError):
            self._panel.finder.show_trouble(str(error))
        else:
            report_error(self, error)

    def show_embryo(self) -> None:
        """The navigator opened another embryo."""
        current = self._navigator.current
        model = self._panel.model
        self._panel.delegate.open_embryo = self._navigator.embryo_id
        if current is None:
            model.open_embryo(None, [])
            return
        entries = self._navigator.entries()
        rows = [MomentRow(i, moment, entries.get(i)) for i, moment in enumerate(current.sequence.moments)]
        model.open_embryo(current.sequence.embryo_id, rows)

    def show_place(self) -> None:
        """The navigator moved."""
        embryo_id = self._navigator.embryo_id
        if embryo_id is not None:
            self._panel.show_place(embryo_id, self._navigator.place)

    def show_label(self, frame: Frame) -> None:
        """A label of this frame was committed."""
        loaded = self._navigator.loaded(frame.embryo_id)
        if loaded is not None:
            done = places_of(loaded.sequence, loaded.labels)
            self._panel.model.set_labelled(frame.embryo_id, len(done))
            if frame.embryo_id == self._navigator.embryo_id:
                place = loaded.sequence.place_of(frame.id)
                self._panel.model.set_entry(place, self._navigator.entries().get(place))
        self.count_soon()

    def count_soon(self) -> None:
        """Reads the queue's progress a little later, once for many labels."""
        if not self._timer.isActive():
            self._timer.start()

    def _open(self, embryo_id: int) -> None:
        """Goes to an embryo; under a filter to its first frame that fits."""
        project, grader, search = self._state.project, self._state.grader, self.search
        if project is None or not search:
            self._navigator.open_embryo(embryo_id)
            return

        def op() -> Frame | None:
            fitting = project.search.frames(embryo_id, search, grader, project.scheme)
            fit = [frame for frame in project.frames.of_embryo(embryo_id) if frame.id in fitting]
            beside = [f for f in fit if (f.index, f.hpi) == (fit[0].index, fit[0].hpi)]
            return min(beside, key=lambda frame: abs(frame.plane or 0), default=None)

        def go(frame: Frame | None) -> None:
            if frame is None:
                self._navigator.open_embryo(embryo_id)
            else:
                self._navigator.go_to(frame)

        run_op(self, op, go, serial=False)

    def _set_search(self, words: str) -> None:
        self._search = words
        self.reload()

    def _take(self) -> None:
        """Enter: goes on at once where the list shows what is typed, else when it does."""
        self._taking = self._search != self.search
        if not self._taking:
            self.taken.emit()

    def _show(self, project: Project, listing: Listing) -> None:
        if project is not self._state.project:
            return
        self._start_at = None
        another, self.search = listing.search != self.search, listing.search
        self._panel.finder.show_trouble("" if listing.rows else _hint(listing.search))
        self._panel.model.set_embryos(listing.rows)
        self._panel.show_count()
        self._take_order()
        self.listed.emit(listing.total)
        if listing.first is not None:
            self._navigator.go_to(listing.first, keep_plane=True)
        if another:
            log.info("lists %d embryos with a frame that fits", len(listing.rows))
            self.filtered.emit()
        if self._taking:
            self._taking = False
            self.taken.emit()

    def _take_order(self) -> None:
        self._navigator.order = [row.id for row in self._panel.model.embryos]
        self.show_embryo()
        self.show_place()

    def _read_progress(self) -> None:
        project, grader = self._state.project, self._state.grader
        if project is None:
            return
        op: Callable[[], tuple[int, int]] = lambda: project.labels.progress(grader)  # noqa: E731
        run_op(self, op, lambda counts: self.progressed.emit(*counts), serial=False)


def _hint(search: str) -> str:
    """What may be wrong with a filter that nothing fits."""
    words = open_quote(search)
    return (
        f"The quote before “{words}” is not closed: all behind it is one name. Close or delete it."
        if words
        else ""
    )


def _first(project: Project, grader: str, start_at: int) -> Frame | None:
    """The frame asked for, where the project still has it; else the first of the queue."""
    try:
        return project.frames.get(start_at)
    except KeyError:
        frame_id = project.frames.unlabelled(grader)
    rows = project.frames.embryos(limit=1)
    if frame_id is None and rows:
        return project.frames.of_embryo(rows[0].id)[0]
    return project.frames.get(frame_id) if frame_id is not None else None
