"""Zoom and adjustments stay as the grader left them: kept for each project and grader, on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from PySide6.QtCore import QObject, QTimer

from blasto_annotator.gui.widgets.image_view import ViewPlace
from blasto_annotator.imaging.adjust import Adjustments

if TYPE_CHECKING:
    from blasto_annotator.gui.label.looking import Looking
    from blasto_annotator.gui.settings import Settings
    from blasto_annotator.gui.widgets.image_view import ImageView
    from blasto_annotator.gui.widgets.picture_panel import PicturePanel

T = TypeVar("T", Adjustments, ViewPlace)
CALM_MS = 700
"""After the last change, so that a slider that is dragged is written once."""


class Looks(QObject):
    """Watches view, sliders and extended focus, and sets them as they were."""

    def __init__(
        self,
        looking: Looking,
        view: ImageView,
        picture: PicturePanel,
        settings: Callable[[], Settings | None],
    ) -> None:
        super().__init__(looking)
        self._looking, self._view, self._picture, self._settings = looking, view, picture, settings
        self._whose: tuple[str, str] | None = None
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self.keep)
        for changed in (view.zoom_changed, picture.changed, looking.changed):
            changed.connect(self._calm.start)

    def take_up(self, project_id: str, grader: str) -> None:
        """Another project or grader: keeps the one's look and takes up the other's."""
        if self._whose == (project_id, grader):
            return
        self.keep()
        self._whose = (project_id, grader)
        look = self._read()
        self._picture.set(_made(Adjustments, look.get("picture")))
        self._view.set_place(_made(ViewPlace, look.get("place")))
        self._looking.set_composite(look.get("composite") is True)

    def keep(self) -> None:
        """Writes the look down."""
        settings = self._settings()
        self._calm.stop()
        if settings is None or self._whose is None or not self._whose[0]:
            return
        look = {
            "picture": asdict(self._picture.adjustments),
            "place": asdict(self._view.place),
            "composite": self._looking.composite,
        }
        settings.set_text(_key(*self._whose), json.dumps(look))

    def _read(self) -> dict[str, object]:
        settings = self._settings()
        stored = settings.text(_key(*self._whose)) if settings is not None and self._whose else ""
        try:
            look = json.loads(stored or "{}")
        except ValueError:
            return {}
        return look if isinstance(look, dict) else {}


def _key(project_id: str, grader: str) -> str:
    return f"look/{project_id}/{quote(grader, safe='')}"


def _made(kind: type[T], stored: object) -> T:
    """What was stored, or the default where a file of another version holds something else."""
    try:
        return kind(**stored) if isinstance(stored, dict) else kind()
    except (ValueError, TypeError):
        return kind()
