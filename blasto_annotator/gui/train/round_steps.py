"""The steps of a round side by side: a sign, a word and a time for each, so that colour is never alone."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from blasto_annotator.gui.theme import Theme, current_theme
from blasto_annotator.gui.train import words
from blasto_annotator.gui.train.round_model import StepState, StepView
from blasto_annotator.gui.widgets.basics import clear, column, text

SIGNS = {
    StepState.DONE: "✓",
    StepState.NOW: "▶",
    StepState.AHEAD: "○",
    StepState.PAUSED: "◼",
    StepState.FAILED: "✕",
}
STATE_WORDS = {
    StepState.DONE: "done",
    StepState.NOW: "under way",
    StepState.AHEAD: "to come",
    StepState.PAUSED: "waits",
    StepState.FAILED: "failed",
}


class RoundSteps(QWidget):
    """One cell a step, with a line above it."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: list[_Cell] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self.setAccessibleName("Steps of the round")

    def show_steps(self, steps: tuple[StepView, ...]) -> None:
        """Brings the cells up to date."""
        if len(steps) != len(self._cells):
            clear(self._row)
            self._cells = [_Cell() for _ in steps]
            for cell in self._cells:
                self._row.addWidget(cell, 1)
        for cell, step in zip(self._cells, steps, strict=True):
            cell.show_step(step)


class _Cell(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("step")
        self._step: StepView | None = None
        self._title = text("")
        self._below = text("", "small")
        for label in (self._title, self._below):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = column(self._title, self._below, gap=0)
        layout.setContentsMargins(0, 5, 0, 0)
        self.setLayout(layout)

    def show_step(self, step: StepView) -> None:
        if step == self._step:
            return
        self._step = step
        self._title.setText(f"{SIGNS[step.state]}  {step.title}")
        self._below.setText(_below(step))
        self.setToolTip(step.sentence)
        self.setAccessibleName(f"{step.title}: {STATE_WORDS[step.state]}. {step.sentence}")
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        if self._step is None:
            return
        theme, state = current_theme(), self._step.state
        sheet = f"QFrame#step {{ border: none; border-top: 3px solid {_line(state, theme)}; }}"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        weight = "600" if state in (StepState.NOW, StepState.PAUSED, StepState.FAILED) else "400"
        colour = theme.muted if state is StepState.AHEAD else theme.text
        self._title.setStyleSheet(f"font-weight: {weight}; color: {colour}")


def _line(state: StepState, theme: Theme) -> str:
    return {
        StepState.DONE: theme.success,
        StepState.NOW: theme.accent,
        StepState.AHEAD: theme.border,
        StepState.PAUSED: theme.warning,
        StepState.FAILED: theme.danger,
    }[state]


def _below(step: StepView) -> str:
    if step.state is StepState.AHEAD and step.expected is not None:
        return f"about {words.duration(step.expected)}"
    if step.state is StepState.DONE and step.outcome:
        return step.outcome
    return STATE_WORDS[step.state]
