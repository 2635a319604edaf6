"""The image that was graded, and the other focal planes of its moment to look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from blasto_annotator.curation.adjudicating import Dispute
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.image_view import ImageView
from blasto_annotator.gui.widgets.pixels import grey_image
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.store import Project


@dataclass(frozen=True)
class _Looked:
    """What was read for the page."""

    image: QImage
    planes: tuple[Frame, ...]
    """Of the moment, by rising plane; empty where nothing but the image was asked for."""


class DisputePlanes(QObject):
    """Shows one frame; steps go through the planes beside it. What is decided stays about what was graded."""

    changed = Signal()

    def __init__(self, state: AppState, view: ImageView) -> None:
        super().__init__(view)
        self._state, self._view = state, view
        self._dispute: Dispute | None = None
        self._planes: tuple[Frame, ...] = ()
        self._wanted: Frame | None = None
        view.stepped.connect(self.step)

    def show(self, dispute: Dispute) -> None:
        """Another dispute, at the plane that was graded."""
        project = self._state.project
        self._dispute, self._planes, self._wanted = dispute, (), dispute.frame
        self._view.set_image(None)
        self.changed.emit()
        if project is not None:
            run_op(self, lambda: _graded(project, dispute), partial(self._take, dispute.frame), serial=False)

    def step(self, planes: int) -> None:
        """Up or down through the planes."""
        project, here = self._state.project, self._wanted
        if project is None or here not in self._planes:
            return
        place = min(max(self._planes.index(here) + planes, 0), len(self._planes) - 1)
        frame = self._wanted = self._planes[place]
        if frame is not here:
            self.changed.emit()
            run_op(self, lambda: _beside(project, frame), partial(self._take, frame), serial=False)

    def words(self) -> str:
        """Such as `Plane 15 µm · graded at 0 µm · ← →`; empty where there is one plane only."""
        frame, dispute = self._wanted, self._dispute
        if frame is None or dispute is None or len(self._planes) < 2:
            return ""
        graded = "" if frame.id == dispute.frame.id else f"graded at {dispute.frame.plane} µm"
        return "  ·  ".join(filter(None, [f"Plane {frame.plane} µm", graded, "←\u00a0→"]))

    def _take(self, frame: Frame, looked: _Looked) -> None:
        if self._wanted is None or frame.id != self._wanted.id:
            return  # the page is elsewhere by now
        self._planes = looked.planes or self._planes
        self._view.set_image(looked.image)
        self.changed.emit()


def _graded(project: Project, dispute: Dispute) -> _Looked:
    """The frame that was graded, and the planes beside it.

    Raises:
        UserError: it is gone, damaged or another one now.
    """
    path, frame = project.frames.file(dispute.frame), dispute.frame
    if project.frames.ensure_hash(frame.id) != dispute.sha256:
        raise UserError(f"{path} has changed since it was graded: put the graded file back to adjudicate it.")
    beside = [
        other
        for other in project.frames.of_embryo(frame.embryo_id)
        if (other.index, other.hpi) == (frame.index, frame.hpi) and other.plane is not None
    ]
    planes = sorted(beside, key=lambda other: (other.plane or 0, other.id))
    return _Looked(grey_image(decode_grey(path)), tuple(frame if p.id == frame.id else p for p in planes))


def _beside(project: Project, frame: Frame) -> _Looked:
    return _Looked(grey_image(decode_grey(project.frames.file(frame))), ())
