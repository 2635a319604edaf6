"""Zoom and adjustments as a reader set them: recorded with each verdict, kept for the next session."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from PySide6.QtWidgets import QFrame

from blasto_annotator.gui.widgets.basics import column, frame
from blasto_annotator.gui.widgets.image_view import ImageView, ViewPlace
from blasto_annotator.gui.widgets.picture_panel import PicturePanel
from blasto_annotator.gui.widgets.pictures import Pictures
from blasto_annotator.imaging.adjust import Adjustments
from blasto_annotator.store import Project

LOOK = "look.review."
"""Project setting, with the reader's name."""
WIDTH = 232


class Look:
    """The adjustments' panel of a session, and the zoom of its image."""

    def __init__(self, image: ImageView, pictures: Pictures, shown: Callable[[], object]) -> None:
        self.panel = PicturePanel()
        self._image, self._pictures, self._shown = image, pictures, shown
        self.panel.changed.connect(self._adjust)

    def framed(self) -> QFrame:
        """The panel beside the image, hidden until it is asked for."""
        made = frame(column(self.panel, None, margin=12), "panel")
        made.setFixedWidth(WIDTH)
        made.hide()
        return made

    def seen(self) -> dict[str, float | str | bool]:
        """For the record of a verdict: where and how large, and the adjustments that were set."""
        place = self._image.place
        view: dict[str, float | str | bool] = {"zoom": round(place.zoom, 3), "fitted": place.fitted}
        if not place.fitted:
            view |= {"x": round(place.x, 4), "y": round(place.y, 4)}
        set_ones = {k: v for k, v in self.panel.as_view().items() if v != getattr(Adjustments(), k)}
        return {**view, **set_ones}

    def kept(self) -> dict[str, Any]:
        """What the next session takes up."""
        return {"place": asdict(self._image.place), "picture": asdict(self.panel.adjustments)}

    def take_up(self, kept: Mapping[str, Any]) -> None:
        """Looks as the reader looked before; what another version kept otherwise is left."""
        try:
            self._image.set_place(ViewPlace(**kept.get("place", {})))
            self.panel.set(Adjustments(**kept.get("picture", {})))
        except (TypeError, ValueError):
            return

    def _adjust(self, adjustments: Adjustments) -> None:
        self._pictures.adjustments = adjustments
        self._shown()


def kept_look(project: Project, reader: str) -> dict[str, Any]:
    """What `keep` stored for a reader; empty at first."""
    found = json.loads(project.setting(LOOK + reader, "{}"))
    return found if isinstance(found, dict) else {}


def keep_look_of(project: Project, reader: str, look: Mapping[str, Any]) -> None:
    """Stores how a reader looks."""
    project.set_setting(LOOK + reader, json.dumps(look))
