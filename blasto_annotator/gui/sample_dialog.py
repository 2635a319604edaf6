"""Draws the sample project, with progress, and says that its pictures are drawn."""

from __future__ import annotations

import threading
from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QProgressBar, QWidget

from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.widgets.basics import button, column, row, text

WORDS = (
    "The sample holds time-lapse sequences of embryos drawn by this program, with focal planes, times and "
    "known grades. No photograph is among them. Drawing takes about a minute, once."
)
SHOWN_AFTER_MS = 500


class Stopped(UserError):  # noqa: N818  an outcome, not a fault
    """The person stopped the drawing."""


def sample_folder() -> Path:
    """Where the sample project lies."""
    return user_data_path("blasto-annotator") / "Sample project"


class SampleDialog(QDialog):
    """Non-modal; closing it stops the drawing."""

    made = Signal()

    def __init__(self, parent: QWidget, folder: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sample project")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._folder = folder
        self._stop = threading.Event()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.count = text("Beginning …", "small")
        heading = text("Drawing the sample project", "heading")
        cancel = button("Cancel", self.close)
        words = text(WORDS, wrap=True)
        self.setLayout(column(heading, words, self.bar, row(self.count, None, cancel), gap=14, margin=24))
        self.setFixedWidth(500)

    def begin(self) -> None:
        """Draws in the background; shows itself where that takes a while, which it does the first time."""
        QTimer.singleShot(SHOWN_AFTER_MS, self, self.show)
        report = on_gui(self, self._progress)

        def tell(done: int, total: int) -> None:
            if self._stop.is_set():
                raise Stopped("The drawing of the sample project was stopped.")
            report(done, total)

        def op() -> None:
            from blasto_annotator.importers.labels_csv import import_labels
            from blasto_annotator.importers.run import import_source
            from blasto_annotator.sample.project import Readers, open_sample_project

            readers = Readers(import_source, import_labels)
            open_sample_project(self._folder, readers, progress=tell).close()

        run_op(self, op, lambda _: self._end(), self._failed, serial=False)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop.set()
        super().closeEvent(event)

    def _progress(self, done: int, total: int) -> None:
        self.bar.setMaximum(total)
        self.bar.setValue(done)
        self.count.setText(f"{done:,} of {total:,} pictures")

    def _end(self) -> None:
        self.made.emit()
        self.close()

    def _failed(self, error: Exception) -> None:
        self.close()
        if not isinstance(error, Stopped):
            report_error(self, error)
