"""A grader against himself: second looks, and how the reading of the scale moves over the work."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from blasto_annotator.domain.raters import confusion
from blasto_annotator.domain.raters_drift import FIRST, MIN_IMAGES, SECOND, Drift, Within
from blasto_annotator.gui.agreement.heat_map import HeatMap
from blasto_annotator.gui.agreement.pairs_view import count_cells
from blasto_annotator.gui.theme import Theme, current_theme
from blasto_annotator.gui.widgets.basics import clear, column, frame, text
from blasto_annotator.reports.agreement import CriterionReport
from blasto_annotator.reports.agreement_words import drift_sentence, within_sentence

NO_REPEATS = (
    "No second looks yet. A small share of frames comes back on the Label page, turned or mirrored, "
    "50 frames or a day later; what is said then is compared here."
)
NO_DRIFT = f"Drift is shown for graders with {MIN_IMAGES} images or more that others graded, too."
HUES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
"""Hues are Okabe and Ito's; the dash and the name at the line's end say the same again."""
WIDTH = 860


class TimeView(QScrollArea):
    """Reads a `CriterionReport`."""

    def __init__(self) -> None:
        super().__init__()
        self._within = column(gap=6, margin=16)
        self._drift = column(gap=6, margin=16)
        self.plot = DriftPlot()
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        parts = (
            text("Second looks", "heading"), frame(self._within), 8,
            text("Over time", "heading"),
            text("Mean steps above or below the others' median, by quarter of a grader's work.", "muted"),
            self.plot, frame(self._drift), None,
        )  # fmt: skip
        inner.setLayout(column(*parts, gap=10, margin=20))
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_report(self, part: CriterionReport) -> None:
        """Another criterion or other graders."""
        clear(self._within)
        for found in part.within:
            self._within.addWidget(text(within_sentence(found), wrap=True))
            self._within.addWidget(_second_against_first(found), 0, Qt.AlignmentFlag.AlignLeft)
        if not part.within:
            self._within.addWidget(text(NO_REPEATS, wrap=True))
        clear(self._drift)
        for drift in sorted(part.drifts, key=lambda drift: not drift.drifts):
            self._drift.addWidget(text(drift_sentence(drift), "warning" if drift.drifts else "", wrap=True))
        if not part.drifts:
            self._drift.addWidget(text(NO_DRIFT, wrap=True))
        self.plot.show_drifts(part.drifts)
        self.plot.setVisible(bool(part.drifts) and part.result.ratings.ordered)


def _second_against_first(found: Within) -> HeatMap:
    """Rows: what was said first. Columns: the second time."""
    counts = confusion(found.ratings, FIRST, SECOND)
    made = HeatMap(f"First and second look of {found.grader}", "1st, 2nd →")
    made.show_cells(*count_cells(found.ratings, counts, "first", "then"))
    return made


class DriftPlot(QWidget):
    """A line a grader: quarters of the work across, steps above or below the others up."""

    def __init__(self) -> None:
        super().__init__()
        self._drifts: tuple[Drift, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Drift over time; the sentences below say the same")

    def show_drifts(self, drifts: Sequence[Drift]) -> None:
        """Other graders."""
        self._drifts = tuple(drifts)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 260)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        area = QRectF(44, 10, self.width() - 44 - 130, self.height() - 38)
        far = max(
            (abs(w.above) for d in self._drifts for w in d.windows if not math.isnan(w.above)), default=0
        )
        far = max(far * 1.1, 0.5)
        self._axes(painter, theme, area, far)
        ends: list[tuple[float, int, Drift]] = []
        for number, drift in enumerate(self._drifts):
            points = [
                QPointF(
                    area.left() + area.width() * (k + 0.5) / len(drift.windows), _y(area, window.above, far)
                )
                for k, window in enumerate(drift.windows)
            ]
            painter.setPen(_pen(number, 2.6 if drift.drifts else 1.6))
            painter.drawPolyline(points)
            painter.setBrush(QColor(HUES[number % len(HUES)]))
            for point in points:
                painter.drawEllipse(point, 3, 3)
            ends.append((points[-1].y(), number, drift))
        self._names(painter, theme, area, ends)
        painter.end()

    def _axes(self, painter: QPainter, theme: Theme, area: QRectF, far: float) -> None:
        middle = Qt.AlignmentFlag.AlignCenter
        for value in (-far / 1.1, 0.0, far / 1.1):
            y = _y(area, value, far)
            painter.setPen(QPen(QColor(theme.strong_border if value == 0 else theme.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                QRectF(0, y - 9, 40, 18), middle, f"{value:+.1f}".replace("-", "−") if value else "0"
            )
        for k in range(4):
            x = area.left() + area.width() * k / 4
            painter.drawText(QRectF(x, area.bottom() + 6, area.width() / 4, 20), middle, f"quarter {k + 1}")

    def _names(
        self, painter: QPainter, theme: Theme, area: QRectF, ends: list[tuple[float, int, Drift]]
    ) -> None:
        """Names beside the lines' ends, moved apart where they would lie on one another."""
        step = self.fontMetrics().height()
        start = area.left() + area.width() * 7 / 8
        ordered = sorted(ends, key=lambda item: item[0])
        places = _apart([end for end, _, _ in ordered], step, self.height() - step / 2)
        for y, (end, number, drift) in zip(places, ordered, strict=True):
            painter.setPen(_pen(number, 1))
            painter.drawLine(QPointF(start + 6, end), QPointF(area.right() + 6, y))
            painter.setPen(QColor(theme.text))
            box = QRectF(area.right() + 10, y - step / 2, 118, step)
            name = self.fontMetrics().elidedText(drift.grader, Qt.TextElideMode.ElideLeft, 118)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)


def _apart(wanted: Sequence[float], step: float, lowest: float) -> list[float]:
    """Heights `step` apart at least, near those that are wanted, none below `lowest`."""
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + step) if places else y)
    for at in range(len(places) - 1, -1, -1):
        places[at] = min(places[at], lowest)
        lowest = places[at] - step
    return places


def _pen(number: int, width: float) -> QPen:
    return QPen(QColor(HUES[number % len(HUES)]), width, DASHES[number // len(HUES) % len(DASHES)])


def _y(area: QRectF, value: float, far: float) -> float:
    return area.center().y() - value / far * area.height() / 2
