"""A picture on neutral grey: zoom to the cursor, pan, fit, 1:1 (one image pixel is one screen pixel)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from blasto_annotator.gui.theme import CANVAS

STEP = 1.25
SMALLEST, LARGEST = 0.05, 32.0


class ImageView(QWidget):
    """Shows a QImage. The wheel steps (`stepped`), Ctrl and wheel zoom, dragging pans, double click fits."""

    stepped = Signal(int)
    """Wheel notches without Ctrl; +1 is away from the person."""
    zoom_changed = Signal(float)
    """Screen pixels per image pixel."""
    painted = Signal()
    """A new image reached the screen's buffer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._zoom = 1.0
        self._fitted = True
        self._centre = QPointF()
        """The image point in the middle of the view, image pixels."""
        self._grabbed: QPointF | None = None
        self._wheel = 0
        self._fresh = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 160)
        self.setAccessibleName("Image")

    @property
    def image(self) -> QImage | None:
        """The picture on show."""
        return self._image

    @property
    def zoom(self) -> float:
        """Screen pixels per image pixel."""
        return self._zoom

    @property
    def fitted(self) -> bool:
        """Whether the picture follows the size of the view."""
        return self._fitted

    def set_image(self, image: QImage | None) -> None:
        """Shows another picture; zoom and place stay where both have the same size."""
        before = self._image.size() if self._image is not None else QSize()
        self._image = image
        self._fresh = image is not None
        if image is not None and (self._fitted or image.size() != before):
            self._place_fitted()
        self.update()

    def fit(self) -> None:
        """Shows the whole picture, and keeps showing it whole."""
        self._fitted = True
        self._place_fitted()
        self.update()

    def actual_size(self) -> None:
        """One image pixel on one screen pixel."""
        self.zoom_to(1.0)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zooms about a point of the view, or about its middle."""
        self.zoom_to(self._zoom * factor, at)

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Sets the zoom; the image point under `at` stays there."""
        anchor = at if at is not None else QRectF(self.rect()).center()
        before = self.to_image(anchor)
        self._fitted = False
        self._zoom = min(max(zoom, SMALLEST), LARGEST)
        self._centre += before - self.to_image(anchor)
        self.zoom_changed.emit(self._zoom)
        self.update()

    def to_image(self, point: QPointF) -> QPointF:
        """A point of the view in image pixels."""
        return self._centre + (point - QRectF(self.rect()).center()) / self._scale()

    def target(self) -> QRectF:
        """Where the picture lies in the view, logical pixels."""
        if self._image is None:
            return QRectF()
        scale = self._scale()
        corner = QRectF(self.rect()).center() - self._centre * scale
        return QRectF(corner.x(), corner.y(), self._image.width() * scale, self._image.height() * scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(CANVAS))
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 4)
            painter.drawImage(self.target(), self._image)
        painter.end()
        if self._fresh:
            self._fresh = False
            self.painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._fitted:
            self._place_fitted()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(STEP ** (event.angleDelta().y() / 120), event.position())
            return
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / 120)
        self._wheel -= notches * 120
        if notches:
            self.stepped.emit(notches)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None:
            self._fitted = False
            self._centre -= (event.position() - self._grabbed) / self._scale()
            self._grabbed = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def _scale(self) -> float:
        return self._zoom / self.devicePixelRatioF()

    def _place_fitted(self) -> None:
        if self._image is None or self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        across = self.width() * ratio / self._image.width()
        down = self.height() * ratio / self._image.height()
        self._zoom = max(min(across, down), SMALLEST)
        self._centre = QPointF(self._image.width() / 2, self._image.height() / 2)
        self.zoom_changed.emit(self._zoom)
