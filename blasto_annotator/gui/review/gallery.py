"""After the reveal: every image of the session with what it was and what was said of it."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from blasto_annotator.gui.theme import CANVAS, current_theme

TILE = 132
GAP = 12
LINES = 3


@dataclass(frozen=True)
class Tile:
    """One image of the gallery."""

    position: int
    title: str
    """What it was: generated or real, and the class."""
    verdict: str
    details: str
    """Defects, the class it looks like, the note."""


class Gallery(QWidget):
    """Tiles in rows as wide as the page; pictures are asked for as they are painted."""

    def __init__(self, tiles: list[Tile], picture: Callable[[int], QImage | None]) -> None:
        super().__init__()
        self._tiles = tiles
        self._picture = picture
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(f"{len(tiles)} images with their verdicts")

    def words_at(self, place: QPointF) -> str:
        """All that is said of the image there, of which its tile may show the beginning."""
        found = next((tile for at, tile in enumerate(self._tiles) if self._rect(at).contains(place)), None)
        return "" if found is None else "\n".join(filter(None, (found.title, found.verdict, found.details)))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            words = html.escape(self.words_at(QPointF(event.pos()))).replace("\n", "<br>")
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def heightForWidth(self, width: int) -> int:  # noqa: N802  Qt's name
        rows = -(-len(self._tiles) // self._columns(width))
        return round(max(1, rows) * (self._tile_height() + GAP))

    def sizeHint(self) -> QSize:
        return QSize(600, self.heightForWidth(max(self.width(), 600)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(self.heightForWidth(event.size().width()))
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for index, tile in enumerate(self._tiles):
            rect = self._rect(index)
            if rect.intersects(QRectF(event.rect())):
                self._draw(painter, rect, tile)
        painter.end()

    def _draw(self, painter: QPainter, rect: QRectF, tile: Tile) -> None:
        theme = current_theme()
        side = QRectF(rect.x(), rect.y(), TILE, TILE)
        painter.fillRect(side, QColor(CANVAS))
        image = self._picture(tile.position)
        if image is not None:
            painter.drawImage(side, image)
        self._words(painter, rect, 0, tile.title, theme.text)
        self._words(painter, rect, 1, tile.verdict, theme.text)
        self._words(painter, rect, 2, tile.details, theme.muted)

    def _words(self, painter: QPainter, rect: QRectF, at: int, words: str, colour: str) -> None:
        metrics = painter.fontMetrics()
        place = QRectF(rect.x(), rect.y() + TILE + 4 + at * metrics.height(), TILE, metrics.height())
        painter.setPen(QColor(colour))
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, TILE)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _rect(self, index: int) -> QRectF:
        down, across = divmod(index, self._columns(self.width()))
        return QRectF(across * (TILE + GAP), down * (self._tile_height() + GAP), TILE, self._tile_height())

    def _tile_height(self) -> float:
        return TILE + 4 + LINES * self.fontMetrics().height()

    def _columns(self, width: float) -> int:
        return max(1, int(width + GAP) // (TILE + GAP))
