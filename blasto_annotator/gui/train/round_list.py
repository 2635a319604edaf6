"""The steps of the round that would be begun, one below another, each with its sentence and its time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from blasto_annotator.gui.train.round_ahead import times_in_words
from blasto_annotator.gui.train.round_model import StepView
from blasto_annotator.gui.widgets.basics import clear, column, text

TITLE_WIDTH = 130


class RoundAhead(QFrame):
    """Hidden for a training alone."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._steps: tuple[StepView, ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, TITLE_WIDTH)
        self.setLayout(column(text("The round, step by step", "heading"), self._grid, gap=12, margin=20))
        self.hide()

    def show_steps(self, steps: tuple[StepView, ...]) -> None:
        """Replaces the rows where they are others."""
        self.setVisible(bool(steps))
        if steps == self._steps:
            return
        self._steps = steps
        clear(self._grid)
        times = times_in_words(steps)
        for at, step in enumerate(steps):
            time = text(times[step.name], "muted")
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(text(f"{at + 1}.  {step.title}"), at, 0, top)
            self._grid.addWidget(text(step.sentence, "muted", wrap=True), at, 1)
            self._grid.addWidget(time, at, 2, top | Qt.AlignmentFlag.AlignRight)
