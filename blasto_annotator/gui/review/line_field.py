"""A line to type in beside the image: Enter and Esc leave it, and mean nothing to the session."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

_LEAVING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class LineField(QLineEdit):
    """Plain Qt hands Enter on to the session, which would save what is marked."""

    done = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _LEAVING:
            self.leave(escaped=event.key() == Qt.Key.Key_Escape)
            event.accept()
        else:
            super().keyPressEvent(event)

    def leave(self, *, escaped: bool) -> None:
        """Enter or Esc was pressed."""
        self.done.emit()
