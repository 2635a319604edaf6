"""Small builders, so that every page lays out text, buttons and lines alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from blasto_annotator.gui.icons import icon

L = TypeVar("L", bound=QBoxLayout)
GAP = 8
"""The grid on which everything stands, logical pixels."""
WIDE_ICON = QSize(20, 16)
"""Of an icon beside words, with some room before them."""


def text(content: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A label; roles: title, heading, section, muted, small, danger, warning, success."""
    label = QLabel(content)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    return label


class PressButton(QPushButton):
    """Enter presses it while it has the keyboard, as Space does; in a field Enter presses no button."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)


def button(
    content: str, clicked: Callable[[], object], *, role: str = "", icon_name: str = ""
) -> QPushButton:
    """A push button; roles: primary, danger, link."""
    made = PressButton(content)
    made.setAutoDefault(False)  # Enter in a dialog's field must not press the first button
    made.clicked.connect(lambda _=False: clicked())
    if role:
        made.setProperty("role", role)
    if icon_name:
        made.setIcon(icon(icon_name))
        made.setIconSize(WIDE_ICON)
    return made


def tool(
    icon_name: str, tip: str, clicked: Callable[[], object] | None = None, *, checkable: bool = False
) -> QToolButton:
    """An icon button whose tip is its accessible name."""
    made = QToolButton()
    made.setIcon(icon(icon_name))
    made.setIconSize(QSize(20, 20))
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setCheckable(checkable)
    if clicked is not None:
        made.clicked.connect(lambda _=False: clicked())
    return made


def row(*items: QWidget | QLayout | int | None, gap: int = GAP, margin: int = 0) -> QHBoxLayout:
    """Items side by side; an int is a fixed gap, None takes what space is left."""
    return _fill(QHBoxLayout(), items, gap, margin)


def column(*items: QWidget | QLayout | int | None, gap: int = GAP, margin: int = 0) -> QVBoxLayout:
    """Items one below another; an int is a fixed gap, None takes what space is left."""
    return _fill(QVBoxLayout(), items, gap, margin)


def frame(layout: QLayout, role: str = "card") -> QFrame:
    """A framed area; roles: card, panel."""
    made = QFrame()
    made.setProperty("role", role)
    made.setLayout(layout)
    return made


def line() -> QFrame:
    """A hair line between sections."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


def clear(layout: QLayout) -> None:
    """Takes everything out of a layout, and out of the layouts in it."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        if inner is not None:
            clear(inner)


def restyle(widget: QWidget, role: str) -> None:
    """Changes a widget's role after it was shown."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _fill(layout: L, items: tuple[QWidget | QLayout | int | None, ...], gap: int, margin: int) -> L:
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)
    return layout
