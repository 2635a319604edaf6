"""A quality group as shape, letter and hue: colour never is the only carrier of meaning."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from blasto_annotator.domain.schemes import Group

SHAPES: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((0.08, 0.08), (0.92, 0.08), (0.92, 0.92), (0.08, 0.92)),
    "triangle": ((0.5, 0.0), (1.0, 0.94), (0.0, 0.94)),
    "diamond": ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)),
    "pentagon": ((0.5, 0.0), (1.0, 0.38), (0.81, 0.97), (0.19, 0.97), (0.0, 0.38)),
    "hexagon": ((0.25, 0.07), (0.75, 0.07), (1.0, 0.5), (0.75, 0.93), (0.25, 0.93), (0.0, 0.5)),
}
"""Corner points in the unit square; anything else is drawn as a circle."""


def draw_group(painter: QPainter, rect: QRectF, group: Group, *, letter: bool = True) -> None:
    """Draws the group's mark into a square rectangle."""
    colour = QColor(group.colour)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    _draw_shape(painter, rect, group.shape)
    if letter and rect.width() >= 12:
        _draw_letter(painter, rect, group, colour)
    painter.restore()


class GroupBadge(QWidget):
    """The mark of a group, or an empty outline while there is none."""

    def __init__(self, size: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = size
        self._group: Group | None = None
        self.setFixedSize(size, size)

    @property
    def group(self) -> Group | None:
        """The group on show."""
        return self._group

    def set_group(self, group: Group | None) -> None:
        """Shows a group's mark."""
        self._group = group
        self.setToolTip(group.title if group else "")
        self.setAccessibleName(group.title if group else "No group")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._group is not None:
            draw_group(painter, rect, self._group)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self.palette().mid().color())
            painter.drawEllipse(rect.adjusted(2, 2, -2, -2))
        painter.end()


def _draw_shape(painter: QPainter, rect: QRectF, shape: str) -> None:
    corners = SHAPES.get(shape)
    if corners is None:
        painter.drawEllipse(rect)
        return
    points = [QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()) for x, y in corners]
    painter.drawPolygon(QPolygonF(points))


def _draw_letter(painter: QPainter, rect: QRectF, group: Group, colour: QColor) -> None:
    dark_ink = (0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue()) > 130
    font = painter.font()
    font.setPixelSize(max(8, round(rect.height() * (0.62 if len(group.letter) == 1 else 0.4))))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor("#101010" if dark_ink else "#ffffff"))
    if group.shape == "triangle":
        rect = rect.translated(0, rect.height() * 0.13)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, group.letter)
