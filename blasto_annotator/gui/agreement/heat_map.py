"""A matrix of figures: a colour and the number in every cell, worked by mouse or arrow keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from blasto_annotator.gui.theme import Theme, current_theme

CELL_MIN, CELL_MOST, CELL_HIGH = 38, 64, 30
LABEL_MOST = 150
POSITIVE, NEGATIVE = "#0072B2", "#D55E00"
"""Okabe and Ito's blue and vermillion: told apart with every colour vision."""
_ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """What a cell shows."""

    text: str = ""
    shade: float = math.nan
    """-1 to 1: how strong its colour is; NaN: none."""
    tip: str = ""


class HeatMap(QWidget):
    """Rows by columns. `chosen` is sent when a cell is picked."""

    chosen = Signal(int, int)

    def __init__(self, name: str, corner: str = "") -> None:
        super().__init__()
        self._name, self._corner = name, corner
        self._rows: tuple[str, ...] = ()
        self._columns: tuple[str, ...] = ()
        self._cells: tuple[tuple[Cell, ...], ...] = ()
        self.current: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setMouseTracking(True)

    def show_cells(
        self, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell]]
    ) -> None:
        """Another matrix."""
        self._rows, self._columns = tuple(rows), tuple(columns)
        self._cells = tuple(tuple(line) for line in cells)
        if self.current is not None and not self._is_cell(*self.current):
            self.current = None
        self.updateGeometry()
        self.adjustSize()
        self.update()

    def choose(self, row: int, column: int) -> None:
        """Picks a cell, as a click does; cells without text cannot be picked."""
        if self._is_cell(row, column) and self._cells[row][column].text:
            self.current = (row, column)
            tip = self._cells[row][column].tip or self._cells[row][column].text
            self.setAccessibleDescription(f"{self._rows[row]}, {self._columns[column]}: {tip}")
            self.update()
            self.chosen.emit(row, column)

    def cell_at(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        return self._cells[row][column]

    def sizeHint(self) -> QSize:
        width = self._label_width() + self._cell_width() * len(self._columns) + 2
        return QSize(round(width), round(self._head_height() + CELL_HIGH * len(self._rows) + 2))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        self._paint_heads(painter, theme)
        for row, line in enumerate(self._cells):
            for column, cell in enumerate(line):
                self._paint_cell(painter, theme, self._rect(row, column), cell)
        if self.current is not None:
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._rect(*self.current), 3, 3)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if place is not None:
            self.choose(*place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _ARROWS.get(Qt.Key(event.key()))
        if step is None or not self._cells:
            super().keyPressEvent(event)
            return
        row, column = self.current or (-step[0], -step[1])
        row, column = row + step[0], column + step[1]
        while self._is_cell(row, column) and not self._cells[row][column].text:
            row, column = row + step[0], column + step[1]
        self.choose(row, column)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place(QPointF(event.pos()))
            words = self._cells[place[0]][place[1]].tip if place is not None else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
        super().changeEvent(event)

    def _is_cell(self, row: int, column: int) -> bool:
        return 0 <= row < len(self._rows) and 0 <= column < len(self._columns)

    def _label_width(self) -> float:
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in self._rows), default=0)
        corner = self.fontMetrics().horizontalAdvance(self._corner)
        return float(min(max(widest, corner) + 14, LABEL_MOST))

    def _cell_width(self) -> float:
        widest = max((self.fontMetrics().horizontalAdvance(name) for name in self._columns), default=0)
        return float(min(max(widest + 10, CELL_MIN), CELL_MOST))

    def _head_height(self) -> float:
        return float(self.fontMetrics().height() + 8)

    def _rect(self, row: int, column: int) -> QRectF:
        width = self._cell_width()
        box = QRectF(
            self._label_width() + column * width, self._head_height() + row * CELL_HIGH, width, CELL_HIGH
        )
        return box.adjusted(1, 1, -1, -1)

    def _place(self, point: QPointF) -> tuple[int, int] | None:
        column = math.floor((point.x() - self._label_width()) / self._cell_width())
        row = math.floor((point.y() - self._head_height()) / CELL_HIGH)
        return (row, column) if self._is_cell(row, column) else None

    def _paint_heads(self, painter: QPainter, theme: Theme) -> None:
        painter.setPen(QColor(theme.muted))
        middle, metrics = Qt.AlignmentFlag.AlignCenter, self.fontMetrics()
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, self._label_width(), self._head_height()), left, self._corner)
        for column, name in enumerate(self._columns):
            box = self._rect(0, column)
            box = QRectF(box.left(), 0, box.width(), self._head_height())
            painter.drawText(
                box, middle, metrics.elidedText(name, Qt.TextElideMode.ElideLeft, round(box.width()))
            )
        for row, name in enumerate(self._rows):
            box = self._rect(row, 0)
            box = QRectF(0, box.top(), self._label_width() - 8, box.height())
            painter.drawText(
                box, left, metrics.elidedText(name, Qt.TextElideMode.ElideLeft, round(box.width()))
            )

    def _paint_cell(self, painter: QPainter, theme: Theme, box: QRectF, cell: Cell) -> None:
        fill = shade(theme, cell.shade)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 3, 3)
        if not cell.text:
            return
        painter.setPen(QColor("#000000" if _luminance(fill) > EVEN else "#ffffff"))
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, cell.text)
        painter.setFont(self.font())


def shade(theme: Theme, strength: float) -> QColor:
    """The cell's colour: the surface at 0, blue at 1, vermillion at -1."""
    ground = QColor(theme.window)
    if math.isnan(strength):
        return ground
    full = QColor(POSITIVE if strength >= 0 else NEGATIVE)
    part = min(abs(strength), 1.0)
    mixed = [g + (f - g) * part for g, f in zip(_parts(ground), _parts(full), strict=True)]
    return QColor.fromRgbF(*mixed)


EVEN = 0.179
"""Luminance on which black and white ink have the same contrast."""


def _parts(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def _luminance(colour: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _parts(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
