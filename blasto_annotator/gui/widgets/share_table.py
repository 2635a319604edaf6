"""A review's figures in the shape of the source's Table 2: counts, shares and Wilson intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from blasto_annotator.domain.schemes import Group, Scheme
from blasto_annotator.domain.statistics import Share
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import column, line, row, text
from blasto_annotator.gui.widgets.group_badge import GroupBadge
from blasto_annotator.reports.figures import COLUMNS, share_text
from blasto_annotator.reports.review_table import POOLED, Row

BAR_HEIGHT = 8


class ShareTable(QWidget):
    """One row a class and the pooled row below a line."""

    def __init__(self, scheme: Scheme, rows: Iterable[Row]) -> None:
        super().__init__()
        self._groups = {group.name: group for group in scheme.groups}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(10)
        self._heads()
        for figures in rows:
            self._add(figures)
        for at in range(2, 2 + len(COLUMNS)):
            self._grid.setColumnStretch(at, 1)

    def _heads(self) -> None:
        for at, title in enumerate(("Class", "Verdicts", *(title for _, title in COLUMNS))):
            self._grid.addWidget(text(title, "section"), 0, at)

    def _add(self, figures: Row) -> None:
        at = self._grid.rowCount()
        if figures.class_name == POOLED:
            self._grid.addWidget(line(), at, 0, 1, 2 + len(COLUMNS))
            at += 1
        self._grid.addWidget(_class_cell(self._groups.get(figures.class_name), figures.class_name), at, 0)
        self._grid.addWidget(text(str(figures.verdicts)), at, 1)
        for offset, (field, title) in enumerate(COLUMNS):
            self._grid.addWidget(ShareCell(getattr(figures, field), title), at, 2 + offset)


class ShareCell(QWidget):
    """Count, share and interval as text, and the interval as a bar from 0 to 100 %."""

    def __init__(self, share: Share, title: str) -> None:
        super().__init__()
        nothing = math.isnan(share.value)
        main = text("–" if nothing else f"{share.count}   {share.value:.1%}".replace("%", " %"))
        between = text("" if nothing else f"{100 * share.low:.1f}–{100 * share.high:.1f}", "small")
        self.setLayout(column(row(main, None, between, gap=6), IntervalBar(share), gap=3))
        self.setAccessibleName(f"{title}: {share_text(share)}")
        self.setToolTip(f"{title}: {share_text(share)}")
        self.setMinimumWidth(130)


class IntervalBar(QWidget):
    """The share as a mark and its interval as a band on a line from 0 to 100 %."""

    def __init__(self, share: Share) -> None:
        super().__init__()
        self._share = share
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, BAR_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        theme = current_theme()
        self._bar(painter, 0.0, 1.0, theme.border, 2.0)
        if not math.isnan(self._share.value):
            self._bar(painter, self._share.low, self._share.high, theme.strong_border, 4.0)
            self._mark(painter, self._share.value, theme.accent)
        painter.end()

    def _bar(self, painter: QPainter, low: float, high: float, colour: str, thick: float) -> None:
        painter.setBrush(QColor(colour))
        across = self.width() - BAR_HEIGHT
        left = BAR_HEIGHT / 2 + low * across
        rect = QRectF(left, (self.height() - thick) / 2, (high - low) * across, thick)
        painter.drawRoundedRect(rect, thick / 2, thick / 2)

    def _mark(self, painter: QPainter, value: float, colour: str) -> None:
        painter.setBrush(QColor(colour))
        left = value * (self.width() - BAR_HEIGHT)
        painter.drawEllipse(QRectF(left, (self.height() - BAR_HEIGHT) / 2, BAR_HEIGHT, BAR_HEIGHT))


def _class_cell(group: Group | None, name: str) -> QWidget:
    cell = QWidget()
    badge = GroupBadge(18)
    badge.set_group(group)
    badge.setVisible(group is not None)
    title = group.title if group is not None else "All together" if name == POOLED else name
    cell.setLayout(row(badge, text(title), None))
    return cell
