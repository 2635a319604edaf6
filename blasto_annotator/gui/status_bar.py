"""The status bar: what is saved, how far the queue is, how the training stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QWidget

from blasto_annotator.gui.icons import pixmap
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import row, text

REMARK_MS = 6000


class StatusBar(QFrame):
    """Reads the application state; a click on the training bar asks for the Train page."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self.setProperty("role", "status")
        self._state = state
        self._kind = "success"
        self._mark = QLabel()
        self.saved = text("", "small")
        self.remark = text("", "small")
        self.queue = text("", "small")
        self._queue_bar = _bar(90)
        self.training = _TrainingBar()
        self.training.clicked.connect(lambda: state.page_requested.emit("train"))
        layout = row(
            self._mark, self.saved, 16, self.remark, None, self.queue, self._queue_bar, 12, self.training
        )
        layout.setContentsMargins(14, 3, 14, 3)
        self.setLayout(layout)
        self._timer = QTimer(self, singleShot=True, interval=REMARK_MS)
        self._timer.timeout.connect(self.remark.clear)
        state.saved.connect(lambda words: self.show_saved("success", words))
        state.status.connect(self._show_remark)
        state.run_changed.connect(self._show_run)
        state.project_changed.connect(self.clear)
        self.clear()

    def clear(self) -> None:
        """For a project that was just opened or closed."""
        self.show_saved("success", "")
        self.show_queue(0, 0)
        self.remark.clear()
        self._show_run()

    def show_saved(self, kind: str, words: str) -> None:
        """Saved state: kind `success`, `info` (saving) or `error`, and its words."""
        self._kind = kind
        self.saved.setText(words)
        self.saved.setAccessibleName(words)
        self._mark.setVisible(bool(words))
        self._dress()

    def show_queue(self, done: int, total: int) -> None:
        """How many moments the grader has labelled."""
        self.queue.setText(f"{done:,} of {total:,} labelled" if total else "")
        self._queue_bar.setVisible(total > 0)
        self._queue_bar.setMaximum(max(total, 1))
        self._queue_bar.setValue(done)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _show_remark(self, words: str) -> None:
        self.remark.setText(words)
        self._timer.start()

    def _show_run(self) -> None:
        run = self._state.run
        self.training.setVisible(run is not None and run.alive)
        if run is not None:
            self.training.show_run(run.sentence, run.fraction)

    def _dress(self) -> None:
        theme = current_theme()
        colour = {"success": theme.success, "info": theme.muted, "error": theme.danger}[self._kind]
        name = {"success": "check", "info": "clock", "error": "error"}[self._kind]
        self._mark.setPixmap(pixmap(name, 15, colour, self.devicePixelRatioF()))


class _TrainingBar(QWidget):
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words = text("", "small")
        self._bar = _bar(120)
        self.setLayout(row(self._words, self._bar))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Open the Train page")

    def show_run(self, sentence: str, fraction: float) -> None:
        self._words.setText(sentence)
        self._bar.setMaximum(1000)
        self._bar.setValue(round(1000 * fraction))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


def _bar(width: int) -> QProgressBar:
    made = QProgressBar()
    made.setTextVisible(False)
    made.setFixedWidth(width)
    return made
