"""Second step of an import: how far it is, and a way to stop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from blasto_annotator.gui.widgets.basics import button, column, row, text


class ProgressView(QWidget):
    """Stopping keeps what was read by then."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = text("", "heading")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(420)
        self.count = text("", "muted")
        self.stop = button("Stop", self._stop)
        for label in (self.title, self.count):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        note = text("You can go on labelling while frames come in.", "small")
        note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = (self.title, row(None, self.bar, None), self.count, note, row(None, self.stop, None))
        self.setLayout(column(None, *inner, None, gap=14))

    def start(self, root: Path) -> None:
        """A fresh import."""
        self.title.setText(f"Importing {root.name}")
        self.count.setText("Looking at the files …")
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)

    def show_count(self, done: int, total: int | None) -> None:
        """Files read so far."""
        self.count.setText(f"{done:,} files" if total is None else f"{done:,} of {total:,} files")
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.count.setText("Stopping …")
        self.cancelled.emit()
