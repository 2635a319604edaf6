"""The focal planes beside the frame: which there are, which is on show, which is sharpest; a click goes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from blasto_annotator.gui.label.hints import KeyOf, with_key

ROW = 24
WIDTH = 62
GLASS = QColor(28, 28, 28, 205)
INK = QColor("#f2f2f2")
QUIET = QColor("#b9b9b9")
PLANES = "Focal planes, micrometres: wheel"
SHARPEST = "The sharpest plane where the embryo is"


class PlaneBar(QWidget):
    """Lies over the neutral grey, hence in its own fixed colours."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._planes: tuple[int, ...] = ()
        self._plane: int | None = None
        self._fused = False
        self.sharpest: int | None = None
        """The plane that is marked as the sharpest."""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(PLANES)
        self._sharpest_tip = SHARPEST
        self.setAccessibleName("Focal planes")
        self.hide()

    def show_keys(self, key_of: KeyOf) -> None:
        """The keys that do the same, as they are called now."""
        steps = " and ".join(filter(None, (key_of("plane.up"), key_of("plane.down"))))
        self.setToolTip(f"{PLANES}, {steps}" if steps else PLANES)
        self._sharpest_tip = with_key(SHARPEST, key_of("plane.sharpest"))

    def show_planes(self, planes: tuple[int, ...], plane: int | None) -> None:
        """The planes of the moment on show; nothing is drawn for fewer than two."""
        if planes != self._planes:
            self._planes = planes
            self.resize(self.sizeHint())
        self._plane, self.sharpest = plane, None
        self.setVisible(len(planes) > 1)
        self.update()

    def show_sharpest(self, plane: int | None) -> None:
        """Marks the sharpest plane, where that is known."""
        if plane != self.sharpest:
            self.sharpest = plane
            said = "" if plane is None else f"; the sharpest is {plane_words(plane)} µm"
            self.setAccessibleDescription(f"{len(self._planes)} planes{said}")
            self.update()

    def show_fused(self, fused: bool) -> None:
        """Whether all planes are on screen as one picture: then the plane is only outlined."""
        if fused != self._fused:
            self._fused = fused
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

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            plane = self._at(event.pos().y())
            sharp = plane is not None and plane == self.sharpest
            QToolTip.showText(event.globalPos(), self._sharpest_tip if sharp else self.toolTip(), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        plane = self._at(event.position().y())
        if plane is not None:
            self.chosen.emit(plane)

    def _at(self, y: float) -> int | None:
        place = int((y - 4) // self._row())
        return self._planes[len(self._planes) - 1 - place] if 0 <= place < len(self._planes) else None

    def _row(self) -> int:
        return max(ROW, self.fontMetrics().height() + 5)

    def _paint_plane(self, painter: QPainter, place: int, plane: int) -> None:
        row = self._row()
        box = QRectF(4, 4 + place * row, self.width() - 8, row)
        solid = plane == self._plane and not self._fused
        if plane == self._plane:
            painter.setPen(QPen(INK, 1) if self._fused else Qt.PenStyle.NoPen)
            painter.setBrush(INK if solid else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 5, 5)
        ink = QColor("#141414") if solid else INK
        if plane == self.sharpest:
            draw_sharp(painter, QPointF(box.left() + 9, box.center().y()), ink)
        painter.setPen(ink)
        painter.drawText(box.adjusted(14, 0, -2, 0), Qt.AlignmentFlag.AlignCenter, plane_words(plane))


def draw_sharp(painter: QPainter, at: QPointF, ink: QColor) -> None:
    """The mark of the sharpest plane: a small cross-hair."""
    painter.save()
    painter.setPen(QPen(ink, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, 2.6, 2.6)
    for way in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
        painter.drawLine(at + way * 2.6, at + way * 5)
    painter.restore()


def plane_words(plane: int) -> str:
    """A plane with its sign, as it is written."""
    return f"{plane:+d}".replace("-", "−") if plane else "0"
