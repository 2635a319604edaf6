"""Icons from `resources/icons/*.svg`, drawn in the colour of the theme at the moment of painting."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from gan.contract.resources import resource


def icon(name: str, colour: str = "") -> QIcon:
    """The icon of this name; without a colour it follows the theme."""
    return QIcon(_SvgEngine(name, colour))


def pixmap(name: str, size: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture of `size` logical pixels."""
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    draw(painter, name, QRectF(picture.rect()), colour)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def draw(painter: QPainter, name: str, rect: QRectF, colour: str) -> None:
    """Draws an icon into a rectangle."""
    _renderer(name, colour).render(painter, rect)


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    text = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))


class _SvgEngine(QIconEngine):
    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def clone(self) -> QIconEngine:
        return _SvgEngine(self._name, self._colour)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())  # a wider place leaves room before the words of a button
        place = QRectF(rect.x(), rect.y() + (rect.height() - side) / 2, side, side)
        draw(painter, self._name, place, self._colour_for(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():  # a layout on its way to its place may leave a button no room for a moment
            return QPixmap()
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def _colour_for(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        if self._colour and mode != QIcon.Mode.Disabled:
            return self._colour
        group = QPalette.ColorGroup.Disabled if mode == QIcon.Mode.Disabled else QPalette.ColorGroup.Active
        on = state == QIcon.State.On and mode != QIcon.Mode.Disabled
        role = QPalette.ColorRole.Accent if on else QPalette.ColorRole.ButtonText
        colour: QColor = QApplication.palette().color(group, role)
        return colour.name()
