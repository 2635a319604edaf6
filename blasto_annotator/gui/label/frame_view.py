"""The frame's view: the image with its plane bar, the grid of all planes over it, or words instead."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent

from blasto_annotator.gui.label.plane_bar import GLASS, INK, PlaneBar
from blasto_annotator.gui.label.planes_grid import PlanesGrid
from blasto_annotator.gui.widgets.image_view import ImageView

EDGE = 12


class FrameView(ImageView):
    """The image, or words on the neutral grey where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.words = ""
        self.badge = ""
        """Says what is on screen where that is not a plane."""
        self.grid = PlanesGrid(self)
        self.planes = PlaneBar(self)
        self.grid.stepped.connect(self.stepped)

    def say(self, words: str) -> None:
        """Words instead of an image."""
        self.words = words
        self.set_image(None)

    def set_badge(self, words: str) -> None:
        """Marks what is on screen; empty for a plane."""
        if words != self.badge:
            self.badge = words
            self.setAccessibleDescription(words)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if self.image is None and self.words:
            painter.setPen(QColor("#f2f2f2"))
            box = QRectF(self.rect()).adjusted(60, 40, -60, -40)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(flags), self.words)
        elif self.badge and self.image is not None:
            self._paint_badge(painter)
        if self.hasFocus() and self.window().isActiveWindow():
            painter.setPen(QColor("#8fc7ff"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.planes.move(EDGE, EDGE)
        self.grid.setGeometry(self.rect().adjusted(1, 1, -1, -1))
        self.grid.left = EDGE + self.planes.width()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self.planes.resize(self.planes.sizeHint())
        super().changeEvent(event)

    def _paint_badge(self, painter: QPainter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(self.badge) + 24
        left = min((self.width() - width) / 2, self.width() - width - EDGE)
        box = QRectF(max(left, EDGE + self.planes.width() + 8), EDGE, width, metrics.height() + 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GLASS)
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(INK)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.badge)
        painter.restore()
