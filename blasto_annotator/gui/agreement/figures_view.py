"""The headline: a plain reading, what is odd about a scale, and every figure with its interval."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QWidget

from blasto_annotator.domain.statistics import Estimate
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import clear, column, frame, text
from blasto_annotator.reports.agreement import CriterionReport
from blasto_annotator.reports.agreement_advice import TITLES, advice_sentence
from blasto_annotator.reports.agreement_words import FIGURES, basis, method_words, number, reading, sentences
from blasto_annotator.reports.figures import RESEARCH_USE

FROM, TO = -0.2, 1.0
"""Ends of the axis on which intervals are drawn."""
WIDTH = 860


class FiguresView(QScrollArea):
    """Reads a `CriterionReport`."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = text("", "heading", wrap=True)
        self.rule = text("", wrap=True)
        self.basis = text("", "muted", wrap=True)
        self.method = text("", "small", wrap=True)
        self._odd = column(gap=6, margin=12)
        self.odd = frame(self._odd, "card")
        self._rows = QGridLayout()
        self._rows.setContentsMargins(20, 16, 20, 16)
        self._rows.setHorizontalSpacing(20)
        self._rows.setVerticalSpacing(9)
        self._rows.setColumnStretch(2, 1)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        self._advice = QGridLayout()
        self._advice.setContentsMargins(0, 0, 0, 0)
        self._advice.setHorizontalSpacing(32)
        self.advice = text("", "small", wrap=True)
        self._advice_card = frame(column(self.advice, self._advice, gap=12, margin=20))
        use = text(RESEARCH_USE, "small", wrap=True)
        parts = (
            self.reading,
            self.rule,
            self.basis,
            self.odd,
            frame(self._rows),
            self._advice_card,
            self.method,
            use,
            None,
        )
        layout = column(*parts, gap=10)
        layout.setContentsMargins(20, 16, 20, 12)
        inner.setLayout(layout)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_report(self, part: CriterionReport) -> None:
        """Another criterion or other graders."""
        first, _, rest = reading(part).replace(" %", "\u00a0%").partition(". ")
        self.reading.setText(first.rstrip(".") + ".")
        self.rule.setText(rest)
        self.rule.setVisible(bool(rest))
        self.basis.setText(basis(part.result))
        self.method.setText(method_words(part.result.min_shared))
        clear(self._odd)
        words = sentences(part)
        for sentence in words:
            self._odd.addWidget(text(f"▲  {sentence}", "warning", wrap=True))
        self.odd.setVisible(bool(words))
        clear(self._rows)
        for at, title in enumerate(("Figure", "Value", "", "95 % interval")):
            side = Qt.AlignmentFlag.AlignRight if at == 3 else Qt.AlignmentFlag.AlignLeft
            if title:
                self._rows.addWidget(text(title, "section"), 0, at, side)
        self._rows.addWidget(Axis(), 0, 2)
        shown = [(name, value) for name, value in part.result.figures.items() if not math.isnan(value.value)]
        for line, (name, value) in enumerate(shown, 1):
            self._add(line, name, value)

        self._show_advice(part)

    def _show_advice(self, part: CriterionReport) -> None:
        """Each grader's reliability by the models, for the group."""
        clear(self._advice)
        self._advice_card.setVisible(bool(part.advice))
        self.advice.setText(advice_sentence(part.advice))
        right = Qt.AlignmentFlag.AlignRight
        names = part.advice[0].ratings.graders if part.advice else ()
        for line, name in enumerate(names, 1):
            self._advice.addWidget(text(name), line, 0)
        for place, model in enumerate(part.advice, 1):
            self._advice.addWidget(text(TITLES[model.method], "section"), 0, place, right)
            for line, name in enumerate(names, 1):
                self._advice.addWidget(text(number(model.reliability[name])), line, place, right)
        self._advice.setColumnStretch(0, 1)

    def _add(self, line: int, name: str, value: Estimate) -> None:
        title, what = FIGURES[name]
        between = "" if math.isnan(value.low) else f"{number(value.low)} to {number(value.high)}"
        head = QWidget()
        head.setLayout(column(text(title), text(what, "small"), gap=0))
        bar = Interval(value)
        bar.setAccessibleName(f"{title} {number(value.value)}, {between}")
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self._rows.addWidget(head, line, 0)
        self._rows.addWidget(text(number(value.value), "strong"), line, 1, right)
        self._rows.addWidget(bar, line, 2)
        self._rows.addWidget(text(between, "muted"), line, 3, right)


class Axis(QWidget):
    """What the ticks below stand for."""

    def sizeHint(self) -> QSize:
        return QSize(220, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(current_theme().muted))
        for tick in (0, 1):
            middle = across(tick, self.width())
            box = QRectF(middle - 20, 0, 40, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(tick))
        painter.end()


class Interval(QWidget):
    """A figure as a mark and its interval as a band on an axis from -0.2 to 1; ticks at 0 and 1."""

    def __init__(self, value: Estimate) -> None:
        super().__init__()
        self._value = value
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(140)

    def sizeHint(self) -> QSize:
        return QSize(220, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        painter.setBrush(QColor(theme.border))
        painter.drawRect(QRectF(self._x(FROM), middle - 1, self._x(TO) - self._x(FROM), 2))
        painter.setBrush(QColor(theme.strong_border))
        for tick in (0.0, 1.0):
            painter.drawRect(QRectF(self._x(tick) - 0.5, middle - 5, 1, 10))
        if not math.isnan(self._value.low):
            left, right = self._x(self._value.low), self._x(self._value.high)
            painter.drawRoundedRect(QRectF(left, middle - 5, max(right - left, 2), 10), 3, 3)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(QRectF(self._x(self._value.value) - 2, middle - 8, 4, 16), 2, 2)
        painter.end()

    def _x(self, value: float) -> float:
        return across(value, self.width())


def across(value: float, width: int) -> float:
    """Where a value lies on an axis of this width, pixels from the left."""
    share = (min(max(value, FROM), TO) - FROM) / (TO - FROM)
    return 6 + share * (width - 12)
