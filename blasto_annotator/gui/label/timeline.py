"""The time line: hours post insemination, phases as bands, labels as marks, what fits, the place on show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.label.embryo_model import moment_words
from blasto_annotator.gui.label.moments import EmbryoSequence, phase_bands
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.group_badge import draw_group

MARGIN = 14
MARK = 11
DOT = 4.4
FIT, FIT_ABOVE = 2.0, 9.5
"""The line over moments that fit: how thick, and how far above the axis."""
LONE = 6.0
"""How far it reaches beyond a moment whose neighbour is further away."""
STEPS = (0.5, 1, 2, 5, 10, 12, 24, 48, 100, 200, 500, 1000)
TICK_GAP = 58
"""Logical pixels between labels of the scale, at least."""


class Timeline(QWidget):
    """Emits the place that was clicked or dragged to."""

    jumped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._sequence: EmbryoSequence | None = None
        self._entries: Mapping[int, LabelEntry] = {}
        self._fitting: frozenset[int] | None = None
        self._place = 0
        self._where: list[float] = []
        self._still: QPixmap | None = None
        """Everything but the place on show, painted once: a page turns too often for hundreds of marks."""
        self._scheme: Scheme | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Time line")

    @property
    def scheme(self) -> Scheme | None:
        """By which labels have a group."""
        return self._scheme

    @scheme.setter
    def scheme(self, scheme: Scheme | None) -> None:
        self._scheme, self._still = scheme, None
        self.update()

    def show_sequence(self, sequence: EmbryoSequence | None, entries: Mapping[int, LabelEntry]) -> None:
        """Another embryo, or other labels of it (place to entry)."""
        self._sequence = sequence
        self._entries = entries
        self._where = _positions(sequence)
        self._still = None
        self.update()

    def show_fitting(self, places: frozenset[int] | None) -> None:
        """The moments that fit the typed filter; None where no filter chooses among them."""
        if places == self._fitting:
            return
        self._fitting, self._still = places, None
        said = "" if places is None else f"{len(places)} of {len(self._where)} moments fit the filter"
        self.setAccessibleDescription(said)
        self.update()

    @property
    def fitting(self) -> frozenset[int] | None:
        """What is marked as fitting."""
        return self._fitting

    def show_place(self, place: int) -> None:
        """The moment on show."""
        self._place = place
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 2 * self.fontMetrics().height() + 34)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._sequence is not None and self._where:
            if self._still is None:
                self._still = self._painted()
            painter.drawPixmap(0, 0, self._still)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_place(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._still = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        self._still = None
        super().changeEvent(event)

    def _painted(self) -> QPixmap:
        """Bands, scale and marks on a transparent ground."""
        ratio = self.devicePixelRatioF()
        still = QPixmap((self.size().toSizeF() * ratio).toSize())
        still.setDevicePixelRatio(ratio)
        still.fill(Qt.GlobalColor.transparent)
        painter = QPainter(still)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bands(painter)
        self._paint_scale(painter)
        self._paint_fitting(painter)
        self._paint_moments(painter)
        painter.end()
        return still

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._jump(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._where or self._sequence is None:
            return
        place = self._nearest(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._jump(event.position().x())
        entry = self._entries.get(place)
        said = "" if entry is None else f"\n{entry.grade or f'not gradable: {entry.reason}'}"
        fits = "" if self._fitting is None or place not in self._fitting else "\nFits the filter"
        words = f"{moment_words(self._sequence.moments[place], place)}{said}{fits}"
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def _jump(self, x: float) -> None:
        if self._where:
            place = self._nearest(x)
            if place != self._place:
                self.jumped.emit(place)

    def _nearest(self, x: float) -> int:
        return min(range(len(self._where)), key=lambda place: abs(self._x(place) - x))

    def _x(self, place: int) -> float:
        return MARGIN + self._where[place] * (self.width() - 2 * MARGIN)

    def _line(self) -> float:
        """Height of the axis."""
        return self.fontMetrics().height() + 18

    def _paint_bands(self, painter: QPainter) -> None:
        theme = current_theme()
        sequence = self._sequence
        if sequence is None:
            return
        height = self.fontMetrics().height() + 2
        for number, (phase, first, last) in enumerate(phase_bands(sequence.moments)):
            left, right = self._edge(first, -1), self._edge(last, 1)
            band = QRectF(left + 0.5, 2, max(right - left - 1, 1), height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.hover if number % 2 else theme.border))
            painter.drawRoundedRect(band, 3, 3)
            if painter.fontMetrics().horizontalAdvance(phase) + 6 <= band.width():
                painter.setPen(QColor(theme.muted))
                painter.drawText(band, Qt.AlignmentFlag.AlignCenter, phase)

    def _edge(self, place: int, side: int) -> float:
        """Half way to the neighbour."""
        beside = place + side
        if not 0 <= beside < len(self._where):
            return self._x(place) + side * 6
        return (self._x(place) + self._x(beside)) / 2

    def _paint_scale(self, painter: QPainter) -> None:
        theme = current_theme()
        axis = self._line()
        painter.setPen(QColor(theme.strong_border))
        painter.drawLine(QPointF(MARGIN, axis), QPointF(self.width() - MARGIN, axis))
        for x, words in self._ticks():
            painter.setPen(QColor(theme.strong_border))
            painter.drawLine(QPointF(x, axis), QPointF(x, axis + 4))
            painter.setPen(QColor(theme.muted))
            width = painter.fontMetrics().horizontalAdvance(words) + 4
            left = min(max(x - width / 2, 0), self.width() - width)
            box = QRectF(left, axis + 6, width, painter.fontMetrics().height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _ticks(self) -> Sequence[tuple[float, str]]:
        sequence = self._sequence
        hours = sequence.hours() if sequence is not None else None
        if hours is None:
            return self._numbered_ticks()
        low, high = hours[0], hours[-1]
        room = max((self.width() - 2 * MARGIN) // TICK_GAP, 1)
        step = next((s for s in STEPS if (high - low) / s <= room), STEPS[-1])
        if high <= low:
            return [(self._x(0), f"{low:g} h")]
        first = ceil(low / step)
        ticks = [first * step + n * step for n in range(int((high - first * step) / step) + 1)]
        span = self.width() - 2 * MARGIN
        return [(MARGIN + (t - low) / (high - low) * span, f"{t:g} h") for t in ticks]

    def _numbered_ticks(self) -> Sequence[tuple[float, str]]:
        count = len(self._where)
        if count == 1:
            return []
        every = max(1, ceil(count * TICK_GAP / max(self.width() - 2 * MARGIN, 1)))
        return [(self._x(place), str(place + 1)) for place in range(0, count, every)]

    def _paint_fitting(self, painter: QPainter) -> None:
        """A line over the moments that fit, unbroken where they follow one another."""
        if not self._fitting:
            return
        colour = QColor(current_theme().accent)
        painter.setPen(QPen(colour, FIT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        axis = self._line() - FIT_ABOVE
        for first, last in runs(self._fitting):
            left = max(self._edge(first, -1), self._x(first) - LONE)
            right = min(self._edge(last, 1), self._x(last) + LONE)
            painter.drawLine(QPointF(left, axis), QPointF(right, axis))

    def _paint_moments(self, painter: QPainter) -> None:
        theme = current_theme()
        axis = self._line()
        width = self.width() - 2 * MARGIN
        free = [where for place, where in enumerate(self._where) if place not in self._entries]
        painter.setPen(QPen(QColor(theme.muted), DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints([QPointF(MARGIN + where * width, axis) for where in free])
        for place, entry in self._entries.items():
            self._paint_entry(painter, QPointF(self._x(place), axis), entry)

    def _paint_entry(self, painter: QPainter, at: QPointF, entry: LabelEntry) -> None:
        theme = current_theme()
        box = QRectF(at.x() - MARK / 2, at.y() - MARK / 2, MARK, MARK)
        group = self.scheme.group_of(entry.grade) if self.scheme is not None and entry.grade else None
        if group is not None:
            draw_group(painter, box, group, letter=False)
            return
        painter.setPen(QColor(theme.text))
        painter.setBrush(QColor(theme.surface))
        painter.drawEllipse(box.adjusted(1, 1, -1, -1))
        if entry.grade is None:
            painter.drawLine(box.topLeft() + QPointF(2.6, 2.6), box.bottomRight() - QPointF(2.6, 2.6))

    def _paint_place(self, painter: QPainter) -> None:
        theme = current_theme()
        x, axis = self._x(self._place), self._line()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawRect(QRectF(x - 1, axis - 10, 2, 20))
        top = axis - 10
        painter.drawPolygon(
            QPolygonF([QPointF(x - 5, top - 5), QPointF(x + 5, top - 5), QPointF(x, top + 1)])
        )


def runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """(first, last) of places that follow one another."""
    found: list[tuple[int, int]] = []
    for place in sorted(places):
        if found and place == found[-1][1] + 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found


def _positions(sequence: EmbryoSequence | None) -> list[float]:
    """Each moment's place on the axis, 0 to 1: by its hours, else evenly."""
    if sequence is None:
        return []
    count = len(sequence.moments)
    hours = sequence.hours()
    if hours is not None and hours[-1] > hours[0]:
        return [(hour - hours[0]) / (hours[-1] - hours[0]) for hour in hours]
    return [0.5] if count == 1 else [place / (count - 1) for place in range(count)]
