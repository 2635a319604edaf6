"""A frame with rectangles on it that a person may add, choose and take away."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from blasto_annotator.gui.theme import CANVAS, current_theme
from blasto_annotator.imaging.burned_in import Box

LEAST = 4
"""Image pixels; what is smaller was a click."""
AREA = QColor("#E69F00")


class AreasView(QWidget):
    """Drag to add an area, click to choose one, Delete takes the chosen one away, Space chooses the next."""

    changed = Signal()
    picked = Signal(bool)
    """Whether an area is chosen now."""

    def __init__(self) -> None:
        super().__init__()
        self.boxes: list[Box] = []
        self.chosen: int | None = None
        self.show_boxes = True
        self._image = QImage()
        self._start: QPoint | None = None
        self._end = QPoint()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("A frame with its burned-in areas")
        self.setToolTip("Drag to mark an area; click one and press Delete to take it away")

    def sizeHint(self) -> QSize:
        return QSize(560, 460)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)

    def show_image(self, image: QImage) -> None:
        """Another frame under the same areas."""
        self._image = image
        self.update()

    def set_boxes(self, boxes: list[Box], visible: bool = True) -> None:
        """Other areas."""
        self.boxes, self.show_boxes = list(boxes), visible
        self._pick(None)

    def remove_chosen(self) -> None:
        """Takes the chosen area away."""
        if self.chosen is not None:
            del self.boxes[self.chosen]
            self._pick(None)
            self.changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(CANVAS))
        if self._image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._place(), self._image)
        for number, box in enumerate(self.boxes if self.show_boxes else ()):
            self._draw(painter, self._on_screen(box), number == self.chosen)
        if self._start is not None:
            self._draw(painter, QRectF(QRect(self._start, self._end).normalized()), True)
        if self.hasFocus():
            painter.setPen(QPen(QColor(current_theme().accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.show_boxes and not self._image.isNull():
            self._start = self._end = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self._end = event.position().toPoint()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            return
        box = self._in_image(QRectF(QRect(self._start, event.position().toPoint()).normalized()))
        self._start = None
        if box is None:
            self._choose(event.position())
        else:
            self.boxes.append(box)
            self._pick(len(self.boxes) - 1)
            self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        elif event.key() == Qt.Key.Key_Space and self.boxes:
            self._pick(0 if self.chosen is None else (self.chosen + 1) % len(self.boxes))
        else:
            super().keyPressEvent(event)

    def _choose(self, point: QPointF) -> None:
        hit = [number for number, box in enumerate(self.boxes) if self._on_screen(box).contains(point)]
        self._pick(hit[-1] if hit else None)

    def _pick(self, number: int | None) -> None:
        self.chosen = number
        self.picked.emit(number is not None)
        self.update()

    def _draw(self, painter: QPainter, area: QRectF, chosen: bool) -> None:
        painter.setPen(QPen(QColor(0, 0, 0, 160), 4 if chosen else 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        painter.setPen(QPen(AREA, 2, Qt.PenStyle.SolidLine if chosen else Qt.PenStyle.DashLine))
        painter.setBrush(QColor(AREA.red(), AREA.green(), AREA.blue(), 60 if chosen else 30))
        painter.drawRect(area)

    def _scale(self) -> float:
        return min(self.width() / self._image.width(), self.height() / self._image.height())

    def _place(self) -> QRectF:
        scale = self._scale()
        width, height = self._image.width() * scale, self._image.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _on_screen(self, box: Box) -> QRectF:
        place, scale = self._place(), self._scale()
        return QRectF(
            place.x() + box.x * scale, place.y() + box.y * scale, box.width * scale, box.height * scale
        )

    def _in_image(self, area: QRectF) -> Box | None:
        """The area in image pixels, clipped; None where it is a click or beside the picture."""
        place, scale = self._place(), self._scale()
        inside = area.intersected(place)
        x, y = round((inside.x() - place.x()) / scale), round((inside.y() - place.y()) / scale)
        width, height = round(inside.width() / scale), round(inside.height() / scale)
        if inside.isEmpty() or width < LEAST or height < LEAST:
            return None
        return Box(x, y, min(width, self._image.width() - x), min(height, self._image.height() - y))
