"""The head of a run: its state in words, how far it is, and the buttons that fit its state."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QSizePolicy

from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.train import words
from blasto_annotator.gui.train.run_model import RunView
from blasto_annotator.gui.train.runs_list import state_colour
from blasto_annotator.gui.widgets.basics import button, column, row, text
from gan.contract.run_folder import RunState

RESUMABLE = (RunState.INTERRUPTED, RunState.STOPPED, RunState.FAILED, RunState.NOT_STARTED)


class RunHead(QFrame):
    """Shows a `RunView`; the buttons report."""

    stop_pressed = Signal()
    resume_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._state = text("", "heading")
        self._name = text("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMaximum(1000)
        self._bar.setAccessibleName("Progress of the training")
        self.figures = text("")
        self._machine = text("", "muted")
        self._machine.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._machine.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.stop = button("Stop and save", self.stop_pressed.emit, icon_name="stop")
        self.stop.setToolTip("Saves a checkpoint and ends; Resume goes on from there")
        self.resume = button("Resume", self.resume_pressed.emit, role="primary")
        figures = row(self.figures, 16, self._machine)
        figures.setStretch(2, 1)
        self.setLayout(
            column(
                row(self._state, 8, self._name, None, self.stop, self.resume),
                self._bar,
                figures,
                gap=8, margin=14,
            )
        )  # fmt: skip

    def show_run(self, view: RunView, *, starting: bool, stopping: bool) -> None:
        """Brings everything up to date."""
        state = RunState.RUNNING if starting else view.state
        said = _said(view.state, starting=starting, stopping=stopping)
        self._state.setText(f"{words.STATE_SIGNS[state]}  {said}")
        self._state.setStyleSheet(f"color: {state_colour(state, current_theme())}")
        self._name.setText(view.name)
        self._bar.setValue(round(1000 * view.share))
        self.figures.setText(_figures(view))
        self._machine.setText(_machine(view))
        self._machine.setToolTip(_machine(view))
        self.stop.setVisible(view.alive)
        self.stop.setDisabled(stopping)
        self.resume.setVisible(view.state in RESUMABLE and not starting)
        self.resume.setText("Start" if view.state is RunState.NOT_STARTED else "Resume")

    def show_alone(self, view: RunView, alone: bool) -> None:
        """Without state, bar and buttons where the round above says and does the same."""
        for widget in (self._state, self._name, self._bar):
            widget.setVisible(alone)
        if not alone:
            self.figures.setText("   ·   ".join(_pace(view)))
            self.stop.hide()
            self.resume.hide()


def _said(state: RunState, *, starting: bool, stopping: bool) -> str:
    if starting and state is not RunState.RUNNING:
        return "Starting…"
    if stopping and state is RunState.RUNNING:
        return "Saving a checkpoint, then stopping…"
    return words.STATE_WORDS[state]


def _figures(view: RunView) -> str:
    parts = [f"{words.kimg(view.kimg)} of {view.goal_kimg:g} kimg"]
    if view.alive and view.seconds_left is not None:
        parts.append(f"about {words.duration(view.seconds_left)} left")
    return "   ·   ".join([*parts, *_pace(view)])


def _pace(view: RunView) -> list[str]:
    parts = []
    if view.seconds_per_kimg is not None:
        parts.append(f"{words.duration(view.seconds_per_kimg)} per kimg")
    if view.checkpoints:
        parts.append(f"saved at {words.kimg(view.checkpoints[-1])} kimg")
    return parts


def _machine(view: RunView) -> str:
    parts = [view.device] if view.device else []
    if view.memory_gb:
        parts.append(f"{words.memory(view.memory_gb)} of memory")
    if view.config is not None:
        parts.append(f"{view.config.resolution} px, {view.config.preset or 'no preset'}")
    if view.images:
        parts.append(words.count(view.images, "image"))
    return "   ·   ".join(parts)
