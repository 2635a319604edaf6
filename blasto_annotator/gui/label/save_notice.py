"""What was saved last, or what could not be saved and what to do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from blasto_annotator.gui.widgets.basics import button, column, row, text


class SaveNotice(QFrame):
    """Hidden unless saving failed. The entry stays until it is saved or given up."""

    retry = Signal()
    give_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "failure")
        self.title = text("", "danger", wrap=True)
        self.sentence = text("", wrap=True)
        self.again = button("Try again", self.retry.emit, role="primary")
        drop = button("Give up this entry", self.give_up.emit)
        self.setLayout(column(self.title, self.sentence, row(self.again, drop, None), gap=8, margin=12))
        self.hide()

    def show_failure(self, what: str, error: Exception, waiting: int) -> None:
        """An entry that is not saved."""
        more = "" if waiting < 2 else f" {waiting - 1} more wait{'s' if waiting == 2 else ''} behind it."
        self.title.setText(f"Not saved: {what}")
        self.sentence.setText(f"{error}{more}")
        self.setAccessibleName(f"{self.title.text()}. {error}")
        self.show()
