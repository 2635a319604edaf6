"""All planes of the moment on show, side by side: the graded one is marked, a click goes to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.orientations import turn_of
from blasto_annotator.gui.label.images import Picture
from blasto_annotator.gui.label.plane_bar import GLASS, INK, draw_sharp, plane_words
from blasto_annotator.gui.theme import CANVAS
from blasto_annotator.gui.widgets.image_view import ImageView

GAP = 4
EDGE = 8
MARKED = QColor("#8fc7ff")


@dataclass(frozen=True)
class Tile:
    """One plane; without a picture while it is decoded, or where it cannot be read."""

    frame: Frame
    picture: Picture | None = None
    words: str = ""


class PlanesGrid(QWidget):
    """Covers the frame while it is open; the keys stay with the frame."""

    chosen = Signal(object)
    """The Frame that was clicked."""
    stepped = Signal(int)
    """Wheel notches."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.left = 0
        """Kept free for the plane bar, logical pixels."""
        self._tiles: Sequence[Tile] = ()
        self._words = ""
        self._marked: int | None = None
        self._sharpest: int | None = None
        self._turn = QTransform()
        self._enlarged = 1.0
        """Over what fits the tile."""
        self._middle = QPointF(0.5, 0.5)
        """Of the part that is shown, as shares of width and height."""
        self._under: int | None = None
        self._wheel = 0
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("All focal planes")
        self.hide()

    def show_tiles(self, tiles: Sequence[Tile], marked: int, sharpest: int | None) -> None:
        """The planes, lowest first; `marked` and `sharpest` are frame ids."""
        self._tiles, self._marked, self._sharpest = tiles, marked, sharpest
        self.update()

    def say(self, words: str) -> None:
        """Words where there is no moment to show."""
        self._tiles, self._words = (), words
        self.update()

    def look_as(self, view: ImageView) -> None:
        """Turned as the frame's view has it, and the same part of the picture as it shows."""
        mirrored, degrees = turn_of(view.transform_name)
        self._turn = QTransform().rotate(degrees).scale(-1 if mirrored else 1, 1)
        self._enlarged = 1.0 if view.fitted else max(view.zoom / view.fitting_zoom(), 1.0)
        self._middle = QPointF(view.place.x, view.place.y) if self._enlarged > 1 else QPointF(0.5, 0.5)
        self.update()

    def frames(self) -> list[int]:
        """Ids of the frames that are painted with a picture."""
        return [tile.frame.id for tile in self._tiles if tile.picture is not None]

    def tile_box(self, number: int) -> QRectF:
        """Where a tile lies, logical pixels."""
        columns, side = self._grid()
        rows = ceil(len(self._tiles) / columns)
        across, down = columns * (side + GAP) - GAP, rows * (side + GAP) - GAP
        row, column = divmod(number, columns)
        area = self._area()
        left = area.center().x() - across / 2 + column * (side + GAP)
        return QRectF(left, area.center().y() - down / 2 + row * (side + GAP), side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(CANVAS))
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        for number, tile in enumerate(self._tiles):
            self._paint_tile(painter, self.tile_box(number), tile, number == self._under)
        if not self._tiles:
            painter.setPen(INK)
            painter.drawText(self._area(), int(_CENTRE | Qt.TextFlag.TextWordWrap), self._words)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number is not None:
            self.chosen.emit(self._tiles[number].frame)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self._at(event.position())
        if under != self._under:
            self._under = under
            pointing = Qt.CursorShape.ArrowCursor if under is None else Qt.CursorShape.PointingHandCursor
            self.setCursor(pointing)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / 120)
        self._wheel -= notches * 120
        if notches:
            self.stepped.emit(notches)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(self.left + EDGE, EDGE, -EDGE, -EDGE)

    def _grid(self) -> tuple[int, float]:
        """Columns and tile side that make the tiles largest."""
        count, area = max(len(self._tiles), 1), self._area()
        sides = {
            columns: min(
                (area.width() + GAP) / columns - GAP, (area.height() + GAP) / ceil(count / columns) - GAP
            )
            for columns in range(1, count + 1)
        }
        columns = max(sides, key=lambda number: sides[number])
        return columns, max(sides[columns], 16)

    def _at(self, point: QPointF) -> int | None:
        found = (n for n in range(len(self._tiles)) if self.tile_box(n).contains(point))
        return next(found, None)

    def _paint_tile(self, painter: QPainter, box: QRectF, tile: Tile, under: bool) -> None:
        painter.fillRect(box, QColor("#3f3f3f"))
        if tile.picture is not None:
            self._paint_picture(painter, box, tile.picture)
        elif tile.words:
            painter.setPen(INK)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box.adjusted(10, 10, -10, -10), int(flags), tile.words)
        self._paint_name(painter, box, tile.frame)
        marked = tile.frame.id == self._marked
        if marked or under:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(MARKED if marked else INK, 3 if marked else 1))
            painter.drawRect(box.adjusted(1.5, 1.5, -1.5, -1.5))

    def _paint_picture(self, painter: QPainter, box: QRectF, picture: Picture) -> None:
        """The part that the frame's view shows, in the middle of the tile."""
        size = self._turn.mapRect(QRectF(picture.image.rect())).size()
        scale = self._enlarged * min(box.width() / size.width(), box.height() / size.height())
        image = _level(picture, scale * self.devicePixelRatioF())
        ratio = picture.image.width() / image.width()
        painter.save()
        painter.setClipRect(box)
        painter.translate(box.center())
        painter.scale(scale * ratio, scale * ratio)
        painter.setTransform(self._turn, combine=True)
        painter.translate(-self._middle.x() * image.width(), -self._middle.y() * image.height())
        painter.drawImage(0, 0, image)
        painter.restore()

    def _paint_name(self, painter: QPainter, box: QRectF, frame: Frame) -> None:
        words = f"{plane_words(frame.plane)} µm" if frame.plane is not None else "no plane"
        sharp = frame.id == self._sharpest
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(words) + (30 if sharp else 14)
        name = QRectF(box.left() + 5, box.bottom() - metrics.height() - 10, width, metrics.height() + 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GLASS)
        painter.drawRoundedRect(name, 5, 5)
        if sharp:
            draw_sharp(painter, QPointF(name.left() + 12, name.center().y()), INK)
        painter.setPen(INK)
        painter.drawText(name.adjusted(20 if sharp else 0, 0, -4 if sharp else 0, 0), _CENTRE, words)


_CENTRE = Qt.AlignmentFlag.AlignCenter


def _level(picture: Picture, zoom: float) -> QImage:
    """The smallest of the halvings that still has a pixel for each on the screen."""
    levels = (picture.image, *picture.smaller)
    number = 0
    while number + 1 < len(levels) and zoom * 2 ** (number + 1) <= 1:
        number += 1
    return levels[number]
