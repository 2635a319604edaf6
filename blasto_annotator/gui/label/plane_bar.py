"""The focal planes beside the frame: which there are, which is on show; a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

ROW = 24
WIDTH = 54
GLASS = QColor(28, 28, 28, 205)
INK = QColor("#f2f2f2")
QUIET = QColor("#b9b9b9")


class PlaneBar(QWidget):
    """Lies over the neutral grey, hence in its own fixed colours."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._planes: tuple[int, ...] = ()
        self._plane: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Focal planes, micrometres: wheel, ↑ and ↓")
        self.setAccessibleName("Focal planes")
        self.hide()

    def show_planes(self, planes: tuple[int, ...], plane: int | None) -> None:
        """The planes of the moment on show; nothing is drawn for fewer than two."""
        if planes != self._planes:
            self._planes = planes
            self.resize(self.sizeHint())
        self._plane = plane
        self.setVisible(len(planes) > 1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, self._row() * len(self._planes) + self._row() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GLASS)
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        for place, plane in enumerate(reversed(self._planes)):
            self._paint_plane(painter, place, plane)
        painter.setPen(QUIET)
        bottom = QRectF(0, self.height() - self._row(), self.width(), self._row() - 4)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignCenter, "µm")
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = int((event.position().y() - 4) // self._row())
        if 0 <= place < len(self._planes):
            self.chosen.emit(self._planes[len(self._planes) - 1 - place])

    def _row(self) -> int:
        return max(ROW, self.fontMetrics().height() + 5)

    def _paint_plane(self, painter: QPainter, place: int, plane: int) -> None:
        row = self._row()
        box = QRectF(4, 4 + place * row, self.width() - 8, row)
        here = plane == self._plane
        if here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(INK)
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 5, 5)
        painter.setPen(QColor("#141414") if here else INK)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{plane:+d}".replace("-", "−") if plane else "0")
