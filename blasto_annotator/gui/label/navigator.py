"""Where the grader is: embryo, moment, focal plane. Neighbouring embryos are read ahead."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.labels import Label, LabelEntry
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.label.moments import (
    EmbryoSequence,
    Moment,
    arrange,
    first_blastocyst,
    newest_entries,
    place_at,
    said_beside,
)

if TYPE_CHECKING:
    from blasto_annotator.store import Project

Choose = Callable[[EmbryoSequence], tuple[int, int | None]]
"""Place and plane in an embryo, once it is read."""
KEPT_FRAMES = 20_000
"""Frames of embryos that stay at hand; a long video has some 3,400."""
KEPT_AT_LEAST = 3
"""Embryos that do whatever their length: the one on show and its neighbours."""
AHEAD_MOMENTS = 8
AHEAD_MS = 100
"""The neighbours are read once the frame that was asked for, and those around it, have had their turn."""


@dataclass(frozen=True)
class Loaded:
    """An embryo's frames, and this grader's labels of them."""

    sequence: EmbryoSequence
    labels: dict[int, Label]
    frames: int


class Navigator(QObject):
    """Holds the place; views follow `moved` and `embryo_changed`."""

    embryo_changed = Signal()
    moved = Signal()
    turning = Signal()
    """Another frame was asked for and its embryo is being read."""
    neared = Signal()
    """A neighbouring embryo is at hand."""
    ended = Signal(str)
    """There is nothing further in this direction: the words to say."""
    finished = Signal()
    """The last frame of the list was graded."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._grader = ""
        self._loaded: OrderedDict[int, Loaded] = OrderedDict()
        self._asked: set[int] = set()
        self._generation = 0
        self._wish: tuple[int, Choose, bool] | None = None
        self._ahead = QTimer(self, singleShot=True, interval=AHEAD_MS)
        self._ahead.timeout.connect(self._read_ahead)
        self.order: Sequence[int] = ()
        """Embryo ids in the order of the list."""
        self.current: Loaded | None = None
        self.place = 0
        self.frame: Frame | None = None
        self.plane: int | None = None
        """The plane that the grader chose; kept from moment to moment."""
        self.direction = 1
        self.prefer: Callable[[Moment], Frame | None] = lambda _: None
        """The plane to open a moment on, where that is not the one that is nearest to the chosen."""

    def set_project(self, project: Project | None, grader: str) -> None:
        """Begins anew with another project or grader."""
        self._project, self._grader = project, grader
        self._forget()
        self._wish, self.current, self.frame, self.plane = None, None, None, None
        self.embryo_changed.emit()
        self.moved.emit()

    def set_grader(self, grader: str) -> None:
        """The same place, with another grader's labels."""
        self._grader = grader
        self.reload()

    def reload(self) -> None:
        """Reads everything again and stays where it is, or goes on to where it was going."""
        self._forget()
        if self._wish is not None:
            self._open(*self._wish)
        elif self.frame is not None:
            self.go_to(self.frame)

    def _forget(self) -> None:
        """What is being read now is no longer wanted."""
        self._generation += 1
        self._loaded.clear()
        self._asked.clear()

    @property
    def embryo_id(self) -> int | None:
        """The embryo on show."""
        return self.current.sequence.embryo_id if self.current is not None else None

    @property
    def moment(self) -> Moment | None:
        """The moment on show."""
        return self.current.sequence.moments[self.place] if self.current is not None else None

    @property
    def moments(self) -> tuple[Moment, ...]:
        """All moments of the embryo on show."""
        return self.current.sequence.moments if self.current is not None else ()

    def open_embryo(self, embryo_id: int, *, last: bool = False) -> None:
        """Goes to an embryo's first (or last) moment."""
        self._open(embryo_id, lambda sequence: (len(sequence.moments) - 1 if last else 0, self.plane), True)

    def go_to(self, frame: Frame, *, keep_plane: bool = False) -> None:
        """Goes to one frame, in whatever embryo; or to its moment on the plane that is on show."""
        plane = self.plane if keep_plane else frame.plane
        self._open(frame.embryo_id, lambda sequence: (sequence.place_of(frame.id), plane))

    def go_to_place(self, place: int) -> None:
        """Goes to a moment of the embryo on show."""
        if self.moments:
            place = min(max(place, 0), len(self.moments) - 1)
            self.direction = 1 if place >= self.place else -1
            self._set_place(place, self.prefer(self.moments[place]))

    def go_to_hours(self, hours: float) -> bool:
        """Goes to the moment nearest to these hours post insemination; by number where there are no hours."""
        place = place_at(self.moments, hours)
        if place is None and 1 <= hours <= len(self.moments):
            place = round(hours) - 1
        if place is None:
            self.ended.emit(
                f"This embryo has no hours and {len(self.moments)} frames: type a frame's number."
            )
            return False
        self.go_to_place(place)
        return True

    def go_to_blastocyst(self) -> None:
        """Goes to the first moment that its source marks as a blastocyst."""
        place = first_blastocyst(self.moments)
        if place is not None:
            self.go_to_place(place)
        elif any(moment.phase for moment in self.moments):
            self.ended.emit("No moment of this embryo is marked tB, tEB or tHB.")
        else:
            self.ended.emit("The source marks no phases for this embryo.")

    def step(self, moments: int) -> None:
        """Moves in time, stopping at the embryo's ends."""
        target = self.place + moments
        if not 0 <= target < len(self.moments):
            self.ended.emit("This is the first moment." if moments < 0 else "This is the last moment.")
        self.go_to_place(target)

    def step_plane(self, planes: int) -> None:
        """Moves through the focal planes; positive is up."""
        if self.moment is None or self.frame is None:
            return
        frame = self.moment.beside(self.frame, planes)
        if frame is not self.frame:
            self.plane = frame.plane
            self._show(frame)

    def set_plane(self, plane: int) -> None:
        """Goes to a plane."""
        if self.moment is not None:
            self.plane = plane
            self._show(self.moment.at(plane))

    def step_embryo(self, embryos: int) -> None:
        """Goes to a neighbour in the list."""
        target = self._neighbour(embryos)
        if target is None:
            self.ended.emit("This is the first embryo." if embryos < 0 else "This is the last embryo.")
        else:
            self.direction = 1
            self.open_embryo(target)

    def advance(self) -> None:
        """The next moment, in the next embryo where this one ends."""
        if self.place + 1 < len(self.moments):
            self.step(1)
            return
        target = self._neighbour(1)
        if target is None:
            self.finished.emit()
        else:
            self.open_embryo(target)

    def loaded(self, embryo_id: int) -> Loaded | None:
        """An embryo that is at hand."""
        return self._loaded.get(embryo_id)

    def label_of(self, frame: Frame) -> Label | None:
        """This grader's label of a frame, where its embryo is at hand."""
        loaded = self._loaded.get(frame.embryo_id)
        return loaded.labels.get(frame.id) if loaded is not None else None

    def said_beside(self, frame: Frame) -> str:
        """What this grader said of another plane of the moment on show; empty where nothing."""
        if self.moment is None or self.current is None:
            return ""
        return said_beside(self.moment, frame, self.current.labels)

    def entries(self) -> dict[int, LabelEntry]:
        """Place to this grader's entry, for the labelled moments of the embryo on show."""
        return {} if self.current is None else newest_entries(self.moments, self.current.labels)

    def put_label(self, frame: Frame, label: Label) -> None:
        """Notes a label that was committed."""
        loaded = self._loaded.get(frame.embryo_id)
        if loaded is None or label.grader != self._grader:
            return
        loaded.labels.pop(frame.id, None)
        if label.entry is not None:
            loaded.labels[frame.id] = label

    def wanted(self) -> list[Frame]:
        """The frame on show and those that may come next, the likeliest first."""
        if self.current is None or self.frame is None or self.moment is None:
            return []
        here = [self.frame, self.moment.beside(self.frame, 1), self.moment.beside(self.frame, -1)]
        ahead = [self._at(self.place + self.direction * n) for n in range(1, AHEAD_MOMENTS + 1)]
        behind = [self._at(self.place - self.direction * n) for n in (1, 2)]
        following = [self._first_of(self._neighbour(1))]
        found = [*here, *ahead[:2], *behind[:1], *following, *self.moment.frames, *ahead[2:], *behind[1:]]
        return list({frame.id: frame for frame in found if frame is not None}.values())

    def coming(self) -> list[Moment]:
        """The moments that may come next: the one after this, and the next embryo's first."""
        place, neighbour = self.place + self.direction, self._neighbour(1)
        found = [self.moments[place]] if 0 <= place < len(self.moments) else []
        loaded = self._loaded.get(neighbour) if neighbour is not None else None
        return [*found, loaded.sequence.moments[0]] if loaded is not None else found

    def _at(self, place: int) -> Frame | None:
        moments = self.moments
        return moments[place].at(self.plane) if 0 <= place < len(moments) else None

    def _first_of(self, embryo_id: int | None) -> Frame | None:
        loaded = self._loaded.get(embryo_id) if embryo_id is not None else None
        return loaded.sequence.moments[0].at(self.plane) if loaded is not None else None

    def _neighbour(self, steps: int) -> int | None:
        here = self.embryo_id
        if here is None or here not in self.order:
            return self.order[0] if self.order else None
        place = self.order.index(here) + steps
        return self.order[place] if 0 <= place < len(self.order) else None

    def _open(self, embryo_id: int, choose: Choose, free: bool = False) -> None:
        """`free`: the preferred plane may be taken instead of the chosen one."""
        self._wish = (embryo_id, choose, free)
        if embryo_id in self._loaded:
            self._fulfil()
        else:
            self.turning.emit()
            self._load(embryo_id)

    def _fulfil(self) -> None:
        if self._wish is None or self._wish[0] not in self._loaded:
            return
        embryo_id, choose, free = self._wish
        self._wish = None
        self._loaded.move_to_end(embryo_id)
        loaded = self._loaded[embryo_id]
        changed = self.current is not loaded
        self.current = loaded
        self.place, self.plane = choose(loaded.sequence)
        if changed:
            self.embryo_changed.emit()
        self._set_place(self.place, self.prefer(self.moments[self.place]) if free else None)
        self._ahead.start()

    def _set_place(self, place: int, frame: Frame | None = None) -> None:
        self.place = place
        moment = self.moment
        if moment is not None:
            self._show(frame or moment.at(self.plane))

    def _show(self, frame: Frame) -> None:
        self.frame = frame
        self.moved.emit()

    def _read_ahead(self) -> None:
        """One neighbour at a time: who goes far away meanwhile waits for one at most."""
        for steps in (1, -1):
            target = self._neighbour(steps)
            if target is not None and target not in self._loaded:
                self._load(target)
                return

    def _forget_oldest(self) -> None:
        frames = sum(loaded.frames for loaded in self._loaded.values())
        while frames > KEPT_FRAMES and len(self._loaded) > KEPT_AT_LEAST:
            oldest = next(iter(self._loaded))
            if oldest == self.embryo_id:
                break
            frames -= self._loaded.pop(oldest).frames

    def _load(self, embryo_id: int) -> None:
        project, grader, number = self._project, self._grader, self._generation
        if project is None or embryo_id in self._asked:
            return
        self._asked.add(embryo_id)

        def wanted() -> bool:
            return number == self._generation and (self._wish is None or self._wish[0] == embryo_id)

        run_op(
            self,
            lambda: load(project, embryo_id, grader, wanted),
            lambda loaded: self._take(number, embryo_id, loaded),
            lambda error: self._unread(number, embryo_id, error),
            serial=False,
        )

    def _unread(self, number: int, embryo_id: int, error: Exception) -> None:
        """The embryo could not be read: stay at the frame on show."""
        if number == self._generation:
            self._asked.discard(embryo_id)
            if self._wish is not None and self._wish[0] == embryo_id:
                self._wish = None
                self.moved.emit()
        report_error(self, error)

    def _take(self, number: int, embryo_id: int, loaded: Loaded | None) -> None:
        if number != self._generation:
            return
        self._asked.discard(embryo_id)
        if loaded is None:
            if self._wish is not None and self._wish[0] == embryo_id:
                self._load(embryo_id)  # wanted again, just after it was given up
            return
        if not loaded.sequence.moments:
            return
        self._loaded[embryo_id] = loaded
        if self._wish is None:
            self._ahead.start()
            self.neared.emit()
        self._fulfil()
        self._forget_oldest()


def load(project: Project, embryo_id: int, grader: str, wanted: Callable[[], bool]) -> Loaded | None:
    """Reads an embryo's frames and the grader's labels of them; None where it is no longer wanted."""
    frames = project.frames.of_embryo(embryo_id)
    if not wanted():
        return None
    labels = project.labels.of_embryo(embryo_id, grader) if grader else {}
    return Loaded(arrange(embryo_id, frames), labels, len(frames)) if wanted() else None
