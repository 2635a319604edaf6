"""A number to type: the hours post insemination to go to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from blasto_annotator.gui.widgets.basics import restyle, row, text, tool
from blasto_annotator.gui.widgets.escape_field import EscapeField

WIDTH = 64


class GoTo(QWidget):
    """A button that opens a field; Enter goes there, Esc leaves it."""

    left = Signal()
    """The keys go back to the frame."""

    def __init__(self, go: Callable[[float], bool]) -> None:
        super().__init__()
        self._go = go
        self.button = tool("clock", "Go to an hour", self.open_field)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.field = EscapeField()
        self.field.setFixedWidth(WIDTH)
        self.field.setAccessibleName("Hours post insemination to go to")
        self.field.setToolTip(
            "Hours post insemination, such as 116.5; a frame's number where there are no hours"
        )
        self.unit = text("hpi", "small")
        self.setLayout(row(self.button, self.field, self.unit, gap=6))
        self.field.returnPressed.connect(self._take)
        self.field.escaped.connect(self.close_field)
        self.field.textEdited.connect(lambda _: restyle(self.field, ""))
        self.close_field()

    def open_field(self) -> None:
        """Ready to type."""
        self.field.show()
        self.unit.show()
        self.field.clear()
        restyle(self.field, "")
        self.field.setFocus()

    def close_field(self) -> None:
        """Out of the way."""
        had_focus = self.field.hasFocus()
        self.field.hide()
        self.unit.hide()
        if had_focus:
            self.left.emit()

    def _take(self) -> None:
        hours = hours_of(self.field.text())
        if hours is not None and self._go(hours):
            self.close_field()
        else:
            restyle(self.field, "invalid")
            self.field.selectAll()


def hours_of(typed: str) -> float | None:
    """The number that was typed, with point or comma, with or without its unit; None for anything else."""
    digits = typed.strip().lower().removesuffix("hpi").removesuffix("h").strip().replace(",", ".")
    plain = digits.replace(".", "", 1).isdecimal()
    return float(digits) if plain else None
