"""One run on show: head, samples, curves, what went wrong, and what comes after."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSplitter, QWidget

from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.train.after_card import AfterCard
from blasto_annotator.gui.train.run_head import RunHead
from blasto_annotator.gui.train.run_model import RunView
from blasto_annotator.gui.train.samples_view import SamplesView
from blasto_annotator.gui.widgets.basics import column, restyle, text
from gan.contract.run_folder import RunState

if TYPE_CHECKING:
    from blasto_annotator.gui.train.curves import Curves

CURVES_HEIGHT = 210
LOG_LINES_SHOWN, LOG_MARGIN = 6, 32
CURVES = "blasto_annotator.gui.train.curves"
SENTENCES = {
    RunState.INTERRUPTED: (
        "The trainer ended without a word: the machine went off or had no memory left, or the folder was "
        "moved. Resume goes on from the last checkpoint."
    ),
    RunState.NOT_STARTED: "This run was made but never started.",
}


class RunPanel(QWidget):
    """Shows a `RunView`."""

    def __init__(self) -> None:
        super().__init__()
        self.head = RunHead()
        self.after = AfterCard()
        self.samples = SamplesView()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._curves: Curves | None = None
        self._view: RunView | None = None
        self.trouble = TroubleCard()
        self._build()

    def ready(self) -> None:
        """Fetches the curves' library off the GUI thread, when the page is first shown."""
        if self._curves is None:
            run_op(self, lambda: import_module(CURVES), lambda _: self._add_curves(), serial=False)

    def clear(self) -> None:
        """For another run, until it was read."""
        self.samples.clear()
        self.trouble.hide()
        self.after.hide()

    def show_run(self, view: RunView, scheme: Scheme, *, starting: bool, stopping: bool) -> None:
        """Brings everything up to date."""
        self.head.show_run(view, starting=starting, stopping=stopping)
        self.samples.show_grids(view.samples, scheme)
        self._view = view
        if self._curves is not None:
            self._curves.show_run(view)
        self.trouble.show_run(view, starting=starting)
        self.after.setVisible(bool(view.checkpoints) and not view.alive and not starting)

    def _build(self) -> None:
        self._split.addWidget(self.samples)
        self._split.setChildrenCollapsible(False)
        whole = column(self.head, self.trouble, self.after, gap=0)
        whole.addWidget(self._split, 1)
        self.setLayout(whole)

    def _add_curves(self) -> None:
        if self._curves is not None:
            return
        from blasto_annotator.gui.train.curves import Curves

        self._curves = Curves()
        self._split.addWidget(self._curves)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)
        self._split.setSizes([self._split.height() - CURVES_HEIGHT, CURVES_HEIGHT])
        if self._view is not None:
            self._curves.show_run(self._view)


class TroubleCard(QFrame):
    """A sentence about what went wrong, and the log's end below it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.sentence = text("", "danger", wrap=True)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName("End of the trainer's log")
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setLayout(column(self.sentence, self.log, margin=14))
        self.hide()

    def show_run(self, view: RunView, *, starting: bool) -> None:
        """Hidden while nothing is wrong."""
        words = "" if starting else _trouble(view)
        if words != self.sentence.text():
            self.sentence.setText(words)
            restyle(self.sentence, "danger" if view.state is RunState.FAILED else "warning")
        self.setVisible(bool(words))
        self.log.setVisible(not view.alive and bool(self.log.toPlainText()))

    def show_log(self, tail: str) -> None:
        """The last lines that the trainer wrote; none hides the box."""
        self.log.setVisible(bool(tail))
        if tail != self.log.toPlainText():
            self.log.setPlainText(tail)
            lines = min(tail.count("\n") + 1, LOG_LINES_SHOWN)
            self.log.setFixedHeight(lines * self.log.fontMetrics().lineSpacing() + LOG_MARGIN)
            self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())


def _trouble(view: RunView) -> str:
    if view.state is RunState.FAILED:
        said = view.result.message if view.result is not None else ""
        return said or view.error or "The training failed; the log's end is below."
    if view.warnings and view.state is not RunState.INTERRUPTED:
        return view.warnings[-1]
    return SENTENCES.get(view.state, "")
