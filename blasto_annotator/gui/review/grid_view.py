"""Nine images at a time, for triage: the chosen one carries a frame, judged ones their verdict's keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from blasto_annotator.gui.review.session_model import PAGE
from blasto_annotator.gui.theme import CANVAS, current_theme

TILES = PAGE
SIDE = 3
GAP = 10
CHIP_HEIGHT = 24

Picture = Callable[[int], QImage | None]
Caption = Callable[[int], str]


class GridView(QWidget):
    """Positions `first .. first + 8` of the session in rows of three."""

    chosen = Signal(int)
    opened = Signal(int)
    """Double click: look at it alone."""

    def __init__(
        self, picture: Picture, caption: Caption, class_title: Caption, total: int,
        pending: Callable[[int], bool],
    ) -> None:  # fmt: skip
        super().__init__()
        self._pending = pending
        """Whether an image is still being read."""
        self._picture = picture
        self._caption = caption
        self._class_title = class_title
        self._total = total
        self.position = 0
        self.whole = False
        """Whether keys mean the page, so that no image carries the frame."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 320)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Nine images")

    @property
    def first(self) -> int:
        """Position of the first tile."""
        return self.position - self.position % TILES

    def show_position(self, position: int) -> None:
        """Chooses an image and shows its page of nine."""
        self.position = position
        self.update()

    def tile(self, position: int) -> QRectF:
        """Where an image of this page lies."""
        side = (min(self.width(), self.height()) - GAP * (SIDE + 1)) / SIDE
        left = (self.width() - side * SIDE - GAP * (SIDE - 1)) / 2
        top = (self.height() - side * SIDE - GAP * (SIDE - 1)) / 2
        down, across = divmod(position - self.first, SIDE)
        return QRectF(left + across * (side + GAP), top + down * (side + GAP), side, side)

    def at(self, point: QPointF) -> int | None:
        """The position under a point."""
        page = range(self.first, min(self.first + TILES, self._total))
        return next((position for position in page if self.tile(position).contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self.at(event.position())
        if position is not None:
            self.chosen.emit(position)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        position = self.at(event.position())
        if position is not None:
            self.opened.emit(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(CANVAS))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        page = range(self.first, min(self.first + TILES, self._total))
        images = [self._picture(position) for position in page]
        if any(map(self._pending, page)):  # all at once: which comes later would tell where it is from
            images = [None] * len(page)
        for position, image in zip(page, images, strict=True):
            self._draw_tile(painter, position, image)
        painter.end()

    def _draw_tile(self, painter: QPainter, position: int, image: QImage | None) -> None:
        rect = self.tile(position)
        if image is not None:
            painter.drawImage(rect, image)
        most = rect.width() - 12
        _draw_chip(painter, rect.topLeft() + QPointF(6, 6), self._class_title(position), most, strong=False)
        caption = self._caption(position)
        if caption:
            _draw_chip(painter, rect.bottomLeft() + QPointF(6, -CHIP_HEIGHT - 6), caption, most, strong=True)
        if position == self.position and not self.whole:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(current_theme().on_canvas), 1))
            painter.drawRect(rect.adjusted(-5, -5, 5, 5))
            painter.setPen(QPen(QColor("#62aef5"), 3))
            painter.drawRect(rect.adjusted(-3, -3, 3, 3))


def _draw_chip(painter: QPainter, corner: QPointF, words: str, most: float, *, strong: bool) -> None:
    font = painter.font()
    font.setBold(strong)
    painter.setFont(font)
    words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(most) - 16)
    width = painter.fontMetrics().horizontalAdvance(words) + 16
    rect = QRectF(corner.x(), corner.y(), width, CHIP_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(242, 242, 242, 235) if strong else QColor(20, 22, 24, 190))
    painter.drawRoundedRect(rect, 5, 5)
    painter.setPen(QColor("#14171a" if strong else "#f2f2f2"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
