"""A picture on neutral grey: zoom to the cursor, pan, fit, 1:1 (one image pixel is one screen pixel)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from blasto_annotator.domain.orientations import turn_of
from blasto_annotator.gui.theme import CANVAS
from blasto_annotator.gui.widgets.overlays import Lines, Overlay

STEP = 1.25
SMALLEST, LARGEST = 0.05, 32.0
_DRAWN = "line being drawn"


@dataclass(frozen=True)
class ViewPlace:
    """Which part of a picture a person looks at, whatever the picture's size."""

    zoom: float = 1.0
    """Screen pixels per image pixel."""
    fitted: bool = True
    """The whole picture, whatever the view's size; the rest is of no account then."""
    x: float = 0.5
    """The image point in the middle of the view, as a share of the width ..."""
    y: float = 0.5
    """... and of the height."""


class ImageView(QWidget):
    """Shows a QImage. The wheel steps (`stepped`), Ctrl and wheel zoom, dragging pans, double click fits.

    Points and overlays are in pixels of the image as it was given, however it is turned on the screen.
    """

    stepped = Signal(int)
    """Wheel notches without Ctrl; +1 is away from the person."""
    zoom_changed = Signal(float)
    """Screen pixels per image pixel; sent too when a person has moved the picture."""
    stroke_drawn = Signal(object)
    """A line of the brush: tuple of (x, y) as shares of the picture as it was given, from 0 to 1."""
    painted = Signal()
    """A new image reached the screen's buffer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: tuple[QImage, ...] = ()
        """The image, then the same halved again and again."""
        self._turned: dict[int, QImage] = {}
        """Levels as turned for the screen, made when they are painted."""
        self._transform_name = ""
        self._matrix = QTransform()
        """From image pixels to pixels of the image as shown."""
        self._size = QSize()
        """Of the last image there was: zoom and place outlast a moment without one."""
        self._zoom = 1.0
        self._fitted = True
        self._middle = QPointF(0.5, 0.5)
        """The image point in the middle of the view, as shares of width and height: it suits any size."""
        self._overlays: dict[str, Overlay] = {}
        self._grabbed: QPointF | None = None
        self.brush = False
        """Whether dragging draws a line instead of moving the picture."""
        self._line: list[tuple[float, float]] = []
        self._wheel = 0
        self._fresh = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 160)
        self.setAccessibleName("Image")

    @property
    def image(self) -> QImage | None:
        """The picture on show, as it was given."""
        return self._levels[0] if self._levels else None

    @property
    def fresh(self) -> bool:
        """Whether the picture on show has not been painted yet."""
        return self._fresh

    @property
    def zoom(self) -> float:
        """Screen pixels per image pixel."""
        return self._zoom

    @property
    def fitted(self) -> bool:
        """Whether the picture follows the size of the view."""
        return self._fitted

    @property
    def transform_name(self) -> str:
        """How the picture is turned or mirrored; empty for as it is."""
        return self._transform_name

    @property
    def place(self) -> ViewPlace:
        """Where the person looks."""
        return ViewPlace(self._zoom, self._fitted, self._middle.x(), self._middle.y())

    def set_image(
        self, image: QImage | None, transform: str | None = None, smaller: Sequence[QImage] = ()
    ) -> None:
        """Shows another picture, turned as `transform` says where it is given; zoom and place stay.

        `smaller` holds the same at half the size, a quarter, and so on: painted where the zoom asks for it.
        """
        if transform is not None:
            self._transform_name = transform
        self._fresh = image is not None
        self._levels = () if image is None else (image, *smaller)
        if image is not None and not image.isNull():
            self._size = image.size()
        self._turn()
        self.update()

    def set_transform_name(self, name: str) -> None:
        """Turns or mirrors this picture and those that follow (`domain.orientations`); empty for as it is.

        Raises:
            ValueError: there is no orientation of this name.
        """
        turn_of(name)
        if name != self._transform_name:
            self._transform_name = name
            self._turn()
            self.update()

    def set_overlay(self, name: str, overlay: Overlay | None) -> None:
        """Paints something over the picture, in the order of the names' first coming; None takes it away."""
        if overlay is None:
            self._overlays.pop(name, None)
        else:
            self._overlays[name] = overlay
        self.update()

    def set_place(self, place: ViewPlace) -> None:
        """Looks where somebody looked before."""
        self._zoom = min(max(place.zoom, SMALLEST), LARGEST)
        self._fitted = place.fitted
        self._middle = QPointF(place.x, place.y)
        self._place_fitted() if self._fitted else self.zoom_changed.emit(self._zoom)
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
        self._move_by(before - self.to_image(anchor))
        self.zoom_changed.emit(self._zoom)
        self.update()

    def to_image(self, point: QPointF) -> QPointF:
        """A point of the view in pixels of the image as it was given."""
        turned = self._matrix.map(self._centre()) + (point - QRectF(self.rect()).center()) / self._scale()
        return self._matrix.inverted()[0].map(turned)

    def fitting_zoom(self) -> float:
        """The zoom at which the whole picture fills the view."""
        size = self._matrix.mapRect(QRectF(QPointF(), self._size.toSizeF()))
        if size.isEmpty():
            return 1.0
        return min(self.width() / size.width(), self.height() / size.height()) * self.devicePixelRatioF()

    def target(self) -> QRectF:
        """Where the picture lies in the view, logical pixels."""
        if not self._levels:
            return QRectF()
        scale, size = self._scale(), self._matrix.mapRect(QRectF(QPointF(), self._size.toSizeF()))
        corner = QRectF(self.rect()).center() - self._matrix.map(self._centre()) * scale
        return QRectF(corner.x(), corner.y(), size.width() * scale, size.height() * scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(CANVAS))
        if self._levels:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 4)
            painter.drawImage(self.target(), self._fitting_level())
            self._paint_overlays(painter)
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
        if self.brush and event.button() is Qt.MouseButton.LeftButton:
            self._draw_to(event.position())
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._line:
            self._draw_to(event.position())
        elif self._grabbed is not None:
            self._fitted = False
            self._move_by(self.to_image(self._grabbed) - self.to_image(event.position()))
            self._grabbed = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._line:
            line, self._line = tuple(self._line), []
            self.set_overlay(_DRAWN, None)
            self.stroke_drawn.emit(line)
            return
        if self._grabbed is not None:
            self.zoom_changed.emit(self._zoom)
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def _draw_to(self, point: QPointF) -> None:
        """One point more of the brush's line; what leaves the picture ends at its edge."""
        place, size = self.to_image(point), self._size
        if not size.isEmpty():
            x, y = place.x() / size.width(), place.y() / size.height()
            self._line.append((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)))
            self.set_overlay(_DRAWN, Lines((tuple(self._line),), (size.width(), size.height())))

    def _scale(self) -> float:
        return self._zoom / self.devicePixelRatioF()

    def _turn(self) -> None:
        """Follows the image's size and orientation."""
        self._turned.clear()
        self._matrix = QImage.trueMatrix(self._rotation(), self._size.width(), self._size.height())
        if self._fitted:
            self._place_fitted()

    def _rotation(self) -> QTransform:
        mirrored, degrees = turn_of(self._transform_name)
        return QTransform().rotate(degrees).scale(-1 if mirrored else 1, 1)

    def _fitting_level(self) -> QImage:
        """The smallest level that still has a pixel for each on the screen, turned."""
        level = 0
        while level + 1 < len(self._levels) and self._zoom * 2 ** (level + 1) <= 1:
            level += 1
        if level not in self._turned:
            turn, image = self._rotation(), self._levels[level]
            self._turned[level] = image if turn.isIdentity() else image.transformed(turn)
        return self._turned[level]

    def _centre(self) -> QPointF:
        """The image point in the middle of the view, image pixels."""
        return QPointF(self._middle.x() * self._size.width(), self._middle.y() * self._size.height())

    def _move_by(self, way: QPointF) -> None:
        """Moves the middle by image pixels."""
        across, down = max(self._size.width(), 1), max(self._size.height(), 1)
        self._middle += QPointF(way.x() / across, way.y() / down)

    def _paint_overlays(self, painter: QPainter) -> None:
        target = self.target()
        for overlay in self._overlays.values():
            painter.save()
            painter.translate(target.topLeft())
            painter.scale(self._scale(), self._scale())
            painter.setTransform(self._matrix, combine=True)
            overlay.paint(painter)
            painter.restore()

    def _place_fitted(self) -> None:
        if not self._levels or self._size.isEmpty():
            return
        self._zoom = max(self.fitting_zoom(), SMALLEST)
        self._middle = QPointF(0.5, 0.5)
        self.zoom_changed.emit(self._zoom)
