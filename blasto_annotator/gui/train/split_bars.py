"""Images per group and split: a badge, a bar in three textures, and the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from blasto_annotator.domain.schemes import Group
from blasto_annotator.gui.theme import Theme, current_theme
from blasto_annotator.gui.widgets.basics import row, text
from blasto_annotator.gui.widgets.group_badge import GroupBadge
from gan.contract.snapshot_folder import SPLITS

HEIGHT = 14
TITLES = {"train": "Training", "val": "Validation", "test": "Test"}


@dataclass(frozen=True)
class GroupCounts:
    """Images of one group, by split."""

    group: Group
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class SplitBars(QWidget):
    """One row a group."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)

    def show_counts(self, groups: tuple[GroupCounts, ...]) -> None:
        """Replaces the rows."""
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        most = max((known.total for known in groups), default=0)
        self._heads()
        for at, known in enumerate(groups, 1):
            self._add(at, known, most)
        self._grid.setColumnStretch(1, 1)

    def _heads(self) -> None:
        self._grid.addWidget(text("Group", "section"), 0, 0)
        for at, split in enumerate(SPLITS):
            key = QWidget()
            words = text(TITLES[split], "section")
            key.setLayout(row(Swatch(split), words, gap=5))
            self._grid.addWidget(key, 0, 2 + at, Qt.AlignmentFlag.AlignRight)

    def _add(self, at: int, known: GroupCounts, most: int) -> None:
        name = QWidget()
        badge = GroupBadge(20)
        badge.set_group(known.group)
        name.setLayout(row(badge, text(known.group.title), None))
        self._grid.addWidget(name, at, 0)
        self._grid.addWidget(Bar(known, most), at, 1)
        for offset, split in enumerate(SPLITS):
            number = text(f"{known.counts.get(split, 0):,}")
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(number, at, 2 + offset)


class Bar(QWidget):
    """One group's images as a share of the largest group's."""

    def __init__(self, known: GroupCounts, most: int) -> None:
        super().__init__()
        self._known = known
        self._most = max(most, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        spoken = ", ".join(f"{known.counts.get(split, 0)} {TITLES[split].lower()}" for split in SPLITS)
        self.setAccessibleName(f"{known.group.title}: {spoken}")
        self.setToolTip(spoken)

    def sizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left, theme = 0.0, current_theme()
        for split in SPLITS:
            width = self.width() * self._known.counts.get(split, 0) / self._most
            draw_split(painter, QRectF(left, 0, width, self.height()), split, theme)
            left += width
        painter.end()


class Swatch(QWidget):
    """The key of the textures."""

    def __init__(self, split: str) -> None:
        super().__init__()
        self._split = split
        self.setFixedSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_split(painter, QRectF(self.rect()), self._split, current_theme())
        painter.end()


def draw_split(painter: QPainter, rect: QRectF, split: str, theme: Theme) -> None:
    """Solid for training, hatched for validation, an outline for test: told apart without colour."""
    if rect.width() < 1:
        return
    inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    ink = QColor(theme.accent)
    painter.setPen(QPen(ink, 1))
    brushes = {"train": QBrush(ink), "val": QBrush(ink, Qt.BrushStyle.BDiagPattern)}
    painter.setBrush(brushes.get(split, QBrush(Qt.BrushStyle.NoBrush)))
    painter.drawRect(inner)
