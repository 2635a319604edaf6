"""How the frame is looked at: one plane, all side by side, or all fused; and what a label keeps of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from blasto_annotator.domain.frames import Frame
from blasto_annotator.gui.label.images import Picture, Stacked, Unreadable
from blasto_annotator.gui.label.moments import Moment
from blasto_annotator.gui.label.planes_grid import Tile
from blasto_annotator.gui.label.stacks import StackWish
from blasto_annotator.gui.settings import SHARPEST_FIRST

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

REST_MS = 120
"""A page that rests so long has its planes compared; pages that are leafed through have not."""


@dataclass(frozen=True)
class _Shown:
    """What belongs on the screen."""

    frame: Frame
    """The plane whose label it would be: a repeat's own, where one stands in."""
    moment: Moment
    picture: Picture
    transform: str


class Looking(QObject):
    """Decides which picture of the moment is on screen; the flow says which plane it is at."""

    changed = Signal()
    """Extended focus or the grid was turned on or off."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._view = flow.centre.view
        self._shown: _Shown | None = None
        self._fused: Stacked | None = None
        """The picture of extended focus that is on screen."""
        self._faults: dict[int, str] = {}
        self.composite = False
        """Whether extended focus is asked for."""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._compare)
        flow.images.stacked.connect(self._stacked)
        flow.images.ready.connect(self._decoded)
        header = flow.centre.header
        header.all_planes.clicked.connect(self.toggle_grid)
        header.fused.clicked.connect(self.toggle_composite)
        self.changed.connect(lambda: header.show_looking(self.grid, self.composite))
        self._view.grid.chosen.connect(self._pick)
        self._view.zoom_changed.connect(lambda _: self._view.grid.look_as(self._view))

    @property
    def sharpest_first(self) -> bool:
        """Whether the settings say that a moment opens on its sharpest plane."""
        settings = self._flow.settings
        return settings is not None and settings.flag(SHARPEST_FIRST, False)

    @property
    def grid(self) -> bool:
        """Whether all planes are shown side by side."""
        return not self._view.grid.isHidden()

    def show(self, frame: Frame, moment: Moment, picture: Picture, transform: str = "") -> None:
        """Puts a frame on the screen, in the way that was chosen."""
        before = self._shown
        same = before is not None and before.moment == moment
        self._shown = _Shown(frame, moment, picture, transform)
        if same and before is not None and before.frame != frame:
            self.set_composite(False)  # who turns to a plane wants to see it
        if not same:
            self._faults.clear()
        self._paint(keep=same)
        self._rest.start(1 if same and self.composite else REST_MS)

    def begin(self) -> None:
        """Another project: one plane again."""
        self._view.grid.hide()
        self.changed.emit()

    def clear(self, words: str = "") -> None:
        """Nothing is on screen but these words."""
        self._shown = self._fused = None
        self._view.set_badge("")
        self._view.grid.say(words)

    def toggle_composite(self) -> None:
        """Extended focus on or off; it stays on from moment to moment."""
        self.set_composite(not self.composite)

    def set_composite(self, on: bool) -> None:
        """Extended focus as wished."""
        if on != self.composite:
            self.composite = on
            self._refresh()

    def toggle_grid(self) -> None:
        """All planes side by side on or off."""
        self._view.grid.setVisible(not self.grid)
        self._refresh()

    def leave_composite(self) -> None:
        """Back to a single plane."""
        self.set_composite(False)

    def go_to_sharpest(self) -> None:
        """Shows the plane that is suggested."""
        shown = self._shown
        if shown is None or len(shown.moment.frames) < 2:
            self._flow.state.status.emit("This moment has one focal plane.")
            return
        found = self._found(shown.moment)
        if found is None or found.sharpest is None:
            self._flow.state.status.emit("The planes are still being compared.")
            return
        self.leave_composite()
        self._go_to(found.sharpest)

    def preferred(self, moment: Moment) -> Frame | None:
        """The plane to open a moment on, where the setting asks for the sharpest and it is known."""
        if not self.sharpest_first:
            return None
        found = self._found(moment)
        return found.sharpest if found is not None else None

    def record(self) -> dict[str, float | str | bool]:
        """What is on screen now, for the label: plane, composite, zoom, place, adjustments, orientation."""
        place, shown = self._view.place, self._shown
        seen: dict[str, float | str | bool] = dict(self._flow.side.picture.as_view())
        seen |= {"zoom": round(place.zoom, 3), "fitted": place.fitted}
        seen |= {"x": round(place.x, 4), "y": round(place.y, 4), "transform": self._view.transform_name}
        if shown is not None and shown.frame.plane is not None:
            seen["plane"] = shown.frame.plane
        seen["composite"] = self._fused is not None and not self.grid
        if seen["composite"] and self._fused is not None:
            seen["composite_planes"] = " ".join(str(frame.plane) for frame in self._fused.used)
        if self.grid:
            seen["all_planes"] = True
        return seen

    def _refresh(self) -> None:
        if self._shown is not None:
            self._paint()
            self._rest.start(1)
        self.changed.emit()

    def _paint(self, *, keep: bool = False) -> None:
        """Shows the fused picture where it is wanted and there; `keep` holds an older one of this moment."""
        shown = self._shown
        if shown is None:
            return
        found = self._found(shown.moment)
        if self.composite and found is not None and found.picture is not None:
            self._fused = found
            self._view.set_image(found.picture.image, shown.transform, found.picture.smaller)
        elif not (keep and self.composite and self._fused is not None):
            self._fused = None
            self._view.set_image(shown.picture.image, shown.transform, shown.picture.smaller)
        self._mark(shown, found)

    def _mark(self, shown: _Shown, found: Stacked | None) -> None:
        """Bar, badge and grid follow what is on screen."""
        sharpest = found.sharpest if found is not None else None
        step = (self._place_of(shown.frame) or 0) - (shown.frame.plane or 0)
        sharp = sharpest.plane + step if sharpest is not None and sharpest.plane is not None else None
        self._view.planes.show_sharpest(sharp)
        self._view.planes.show_fused(self._fused is not None and not self.grid)
        self._view.set_badge(self._words(shown, found))
        if self.grid:
            tiles = [self._tile(frame) for frame in shown.moment.frames]
            self._view.grid.show_tiles(tiles, shown.frame.id, sharpest.id if sharpest is not None else None)
            self._view.grid.look_as(self._view)

    def _words(self, shown: _Shown, found: Stacked | None) -> str:
        if not self.composite:
            return ""
        if self._fused is not None:
            return f"Extended focus of {len(self._fused.used)} planes · not a plane"
        if len(shown.moment.frames) < 2:
            return "One plane only · no extended focus"
        if found is not None and len(found.used) < 2:
            return "A single plane · the others cannot be read"
        return "A single plane · extended focus is being made"

    def _tile(self, frame: Frame) -> Tile:
        picture = self._flow.images.at_hand(frame)
        return Tile(frame, picture, self._faults.get(frame.id, ""))

    def _found(self, moment: Moment) -> Stacked | None:
        """What is known of a moment's planes; with the fused picture first."""
        images, frames = self._flow.images, moment.frames
        fused = images.stack_at_hand(StackWish(frames, composite=True))
        return fused or (None if self.composite else images.stack_at_hand(StackWish(frames)))

    def _compare(self) -> None:
        """The page rests: its planes are compared, then those of the moments that may come next."""
        if self._shown is None:
            return
        moments = [self._shown.moment]
        if self.composite or self.sharpest_first:
            moments += self._flow.navigator.coming()
        several = [moment.frames for moment in moments if len(moment.frames) > 1]
        self._flow.images.want_stacks([StackWish(frames, self.composite) for frames in several])
        if self.grid:
            self._flow.images.want([self._shown.frame, *self._shown.moment.frames])

    def _stacked(self, result: Stacked) -> None:
        shown = self._shown
        if shown is not None and result.key == StackWish(shown.moment.frames).key:
            self._paint()

    def _decoded(self, result: Picture | Unreadable) -> None:
        shown = self._shown
        if not self.grid or shown is None or result.frame_id not in {f.id for f in shown.moment.frames}:
            return
        if isinstance(result, Unreadable):
            self._faults[result.frame_id] = str(result.error)
        self._mark(shown, self._found(shown.moment))

    def _pick(self, frame: Frame) -> None:
        self._view.grid.hide()
        self.composite = False
        self._go_to(frame)
        self._refresh()
        self._view.setFocus()

    def _go_to(self, frame: Frame) -> None:
        """Goes to a plane of the moment on screen; a repeat's planes stand for those of its place."""
        shown, here = self._shown, self._flow.navigator.frame
        if shown is None or here is None:
            return
        self._flow.navigator.set_plane((here.plane or 0) + (frame.plane or 0) - (shown.frame.plane or 0))

    def _place_of(self, frame: Frame) -> int | None:
        """The plane of the navigator's frame, which differs from the shown one where a repeat stands in."""
        here = self._flow.navigator.frame
        return here.plane if here is not None else frame.plane
