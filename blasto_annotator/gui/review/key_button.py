"""A choice that shows its key: a chip with the key and a title."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter

from blasto_annotator.gui.theme import Theme, current_theme

CHIP = 22
PADDING = 9


class KeyButton(QPushButton):
    """Checkable by its owner only: a press reports, the owner shows what came of it."""

    def __init__(self, key: str, title: str, pressed: Callable[[], object], hint: str = "") -> None:
        super().__init__()
        self._key = key
        self._title = title
        self._hint = hint
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(hint)
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{hint}. Key {key}" if hint else f"Key {key}")
        self.clicked.connect(lambda _=False: pressed())

    def nextCheckState(self) -> None:  # noqa: N802  Qt's name
        """A press does not check by itself: the marks decide."""

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width(), self.fontMetrics().height() + 12)

    def minimumSizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self._title)
        return QSize(words + CHIP + 3 * PADDING, self.fontMetrics().height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        chip = QRectF(PADDING, (self.height() - CHIP) / 2, CHIP, CHIP)
        _draw_chip(painter, chip, self._key, theme, on=self.isChecked(), enabled=self.isEnabled())
        self._draw_words(painter, chip.right() + PADDING, theme)
        painter.end()

    def _draw_words(self, painter: QPainter, left: float, theme: Theme) -> None:
        rect = QRectF(left, 0, self.width() - left - PADDING / 2, self.height())
        painter.setPen(QColor(theme.text if self.isEnabled() else theme.strong_border))
        font = QFont(self.font())
        font.setBold(bool(self._hint))
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._title)


def _draw_chip(painter: QPainter, rect: QRectF, key: str, theme: Theme, *, on: bool, enabled: bool) -> None:
    fill = QColor(theme.accent if on else theme.surface)
    painter.setPen(QPen(QColor(theme.accent if on else theme.strong_border), 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    ink = theme.on_accent if on else theme.text
    painter.setPen(QColor(ink if enabled else theme.strong_border))
    font = painter.font()
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, key)
