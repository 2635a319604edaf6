"""What is painted over a picture: in image pixels, so that it follows zoom, pan and orientation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

INK = "#ffd166"
"""Seen on bright and dark pictures; the outline is drawn twice, dark below it."""
HATCH = 8
"""Screen pixels between hatching lines."""


class Overlay(Protocol):
    """Something over the picture. The painter is set so that one unit is one pixel of the image."""

    def paint(self, painter: QPainter) -> None: ...


@dataclass(frozen=True)
class Boxes:
    """Rectangles in image pixels (x, y, width, height): hatched where something is masked out."""

    boxes: Sequence[tuple[float, float, float, float]]
    hatched: bool = True
    colour: str = INK

    def paint(self, painter: QPainter) -> None:
        colour = QColor(self.colour)
        hatch = QColor(colour)
        hatch.setAlpha(120)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in self.boxes:
            if self.hatched:
                _hatch(painter, QRectF(*box), hatch)
            painter.setPen(_line(QColor(20, 20, 20, 200), 3))
            painter.drawRect(QRectF(*box))
            painter.setPen(_line(colour, 1))
            painter.drawRect(QRectF(*box))


@dataclass(frozen=True)
class Paint:
    """A mask in the picture's size as an image with alpha, such as brush strokes."""

    mask: QImage

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(0, 0, self.mask)


@dataclass(frozen=True)
class Lines:
    """Lines of a brush: points as shares of the picture, and the picture's size in pixels."""

    lines: Sequence[Sequence[tuple[float, float]]]
    size: tuple[int, int]
    width: float = 0.02
    """As a share of the picture's width."""

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(INK)
        colour.setAlpha(150)
        pen = QPen(colour, self.width * self.size[0])
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for line in self.lines:
            points = [QPointF(x * self.size[0], y * self.size[1]) for x, y in line]
            painter.drawPolyline(QPolygonF(points)) if len(points) > 1 else painter.drawPoint(points[0])


def _hatch(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Slanting lines, as far apart on the screen at every zoom."""
    scale = abs(painter.worldTransform().determinant()) ** 0.5
    step = HATCH / max(scale, 1e-6)
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setPen(_line(colour, 1))
    for number in range(1, int((box.width() + box.height()) / step) + 1):
        reach = number * step
        painter.drawLine(QPointF(box.left() + reach, box.top()), QPointF(box.left(), box.top() + reach))
    painter.restore()


def _line(colour: QColor, width: float) -> QPen:
    """A pen of the same width at every zoom."""
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen
