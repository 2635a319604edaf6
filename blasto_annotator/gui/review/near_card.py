"""Generated images beside the training frames that they are most like, and the decision on those marked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QWidget

from blasto_annotator.curation.near_copies import NearCopies, Nearest
from blasto_annotator.gui.theme import CANVAS
from blasto_annotator.gui.widgets.basics import column, frame, row, text
from blasto_annotator.gui.widgets.pictures import Load, Pictures

SIDE = 120
MOST_MARKED, MOST_OTHERS = 60, 5


class NearCard(QFrame):
    """Pairs, nearest first: those that are marked, and a few that are not to compare with."""

    decided = Signal(object, bool)
    """A `Nearest`, and whether it may pass."""

    def __init__(self, found: NearCopies, allowed: frozenset[str], load: Callable[[int], Load]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.pairs = shown_pairs(found)
        loads = [load(0), load(1)]
        self.pictures = Pictures(lambda at: loads[at % 2](at // 2), 2 * len(self.pairs), self, least_side=0)
        self._thumbs: list[Thumb] = []
        self.boxes: dict[str, QCheckBox] = {}
        rows = [self._pair(at, image, image.sha256 in allowed) for at, image in enumerate(self.pairs)]
        words = text(_words(found), wrap=True)
        self.setLayout(column(text("Nearest training frames", "heading"), words, *rows, gap=12, margin=20))
        self.pictures.ready.connect(lambda at: self._thumbs[at].update())

    def _pair(self, at: int, image: Nearest, allowed: bool) -> QWidget:
        thumbs = [Thumb(partial(self.pictures.get, place)) for place in (2 * at, 2 * at + 1)]
        self._thumbs += thumbs
        said = [text(image.image.rpartition("/")[2]), text(f"like a frame of embryo {image.embryo}", "muted")]
        said.append(text(f"distance {image.distance:.3f}", "small"))
        parts: list[QWidget] = list(said)
        if image.near_copy:
            box = QCheckBox("Another embryo: let it pass")
            box.setChecked(allowed)
            box.toggled.connect(lambda on: self.decided.emit(image, on))
            self.boxes[image.sha256] = box
            parts = [text("Kept out of training until you let it pass", "warning"), *parts, box]
        return frame(row(*thumbs, column(*parts, None, gap=4), None, gap=8), "plain")


def shown_pairs(found: NearCopies) -> list[Nearest]:
    """Those that are marked, then the nearest that are not."""
    others = [image for image in found.images if not image.near_copy]
    return [*found.suspicious[:MOST_MARKED], *others[:MOST_OTHERS]]


class Thumb(QWidget):
    """A small picture that comes when it has been read."""

    def __init__(self, picture: Callable[[], QImage | None]) -> None:
        super().__init__()
        self._picture = picture
        self.setFixedSize(QSize(SIDE, SIDE))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = self._picture()
        painter.fillRect(self.rect(), QColor(CANVAS))
        if image is not None:
            painter.drawImage(self.rect(), image)
        painter.end()


def _words(found: NearCopies) -> str:
    marked = len(found.suspicious)
    compared = (
        f"Compared with {found.searched} training frames in eight orientations, moved and zoomed a little: "
    )
    if not marked:
        return compared + "no image comes nearer than frames of different embryos come to one another."
    noun = "image comes" if marked == 1 else "images come"
    return compared + f"{marked} {noun} nearer than frames of different embryos come to one another."
