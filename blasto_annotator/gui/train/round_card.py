"""The round under way: where it is, what comes next, how long; stop, go on, or start its review."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton

from blasto_annotator.gui.theme import Theme, current_theme
from blasto_annotator.gui.train import words
from blasto_annotator.gui.train.round_model import RoundView, StepState, StepView
from blasto_annotator.gui.train.round_steps import RoundSteps
from blasto_annotator.gui.train.run_model import RunView
from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.rounds.record import RoundState

SIGNS = {
    RoundState.RUNNING: "▶",
    RoundState.STOPPED: "◼",
    RoundState.FAILED: "✕",
    RoundState.INTERRUPTED: "⚠",
    RoundState.READY: "✓",
}
TITLES = {
    RoundState.STOPPED: "stopped",
    RoundState.FAILED: "could not go on",
    RoundState.INTERRUPTED: "was cut short",
    RoundState.READY: "is ready for review",
}


class RoundCard(QFrame):
    """Shows a `RoundView`; hidden while there is none."""

    stop_pressed = Signal()
    resume_pressed = Signal()
    leave_pressed = Signal()
    review_pressed = Signal()
    close_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.title = text("", "heading")
        self._place = text("", "muted")
        self.steps = RoundSteps()
        self.sentence = text("", wrap=True)
        self.figures = text("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the step")
        self.stop = button("Stop and save", self.stop_pressed.emit, icon_name="stop")
        self.stop.setToolTip("What is under way is saved or given up; Resume goes on from there")
        self.resume = button("Resume", self.resume_pressed.emit, role="primary")
        self.leave = button("Leave it", self.leave_pressed.emit)
        self.leave.setToolTip("Gives this round up so that another can begin; what is done stays")
        self.review = button("Start review", self.review_pressed.emit, role="primary")
        self.close_it = button("Close", self.close_pressed.emit)
        self.close_it.setToolTip("The review stays on the Review page")
        below = row(self.sentence, self.figures, gap=16)
        below.setStretch(0, 1)
        acts = (self.close_it, self.leave, self.stop, self.resume, self.review)
        self.setLayout(
            column(
                row(self.title, 8, self._place, None, *acts), self.steps, self.bar, below,
                gap=8, margin=14,
            )
        )  # fmt: skip
        self.hide()

    def show_round(
        self, view: RoundView | None, run: RunView | None, *, starting: bool, stopping: bool
    ) -> None:
        """Brings everything up to date; `run` is the training under way."""
        self.setVisible(view is not None)
        if view is None:
            return
        live = starting or view.state is RoundState.RUNNING
        self._say_title(view, live, stopping)
        self.steps.show_steps(_moving(view.steps) if live else view.steps)
        self._say_progress(view, run if view.training else None, live)
        self.sentence.setText(_sentence(view, live, starting, stopping))
        self.figures.setText(_figures(view, run) if live and not starting else "")
        self.figures.setVisible(bool(self.figures.text()))
        self._offer(view, live, stopping)

    def _say_title(self, view: RoundView, live: bool, stopping: bool) -> None:
        state = RoundState.RUNNING if live else view.state
        said = TITLES.get(state, "is stopping" if stopping else "is under way")
        self.title.setText(f"{SIGNS[state]}  Round {view.number} {said}")
        self.title.setStyleSheet(f"color: {_colour(state, current_theme())}")
        names = [step.name for step in view.steps]
        at = names.index(view.step.name) + 1 if view.step is not None else len(names)
        self._place.setText("" if state is RoundState.READY else f"step {at} of {len(names)}")

    def _say_progress(self, view: RoundView, run: RunView | None, live: bool) -> None:
        self.bar.setVisible(live)
        if run is not None:
            self.bar.setMaximum(1000)
            self.bar.setValue(round(1000 * run.share))
        else:
            self.bar.setMaximum(view.total)  # none: it moves to and fro
            self.bar.setValue(view.done)

    def _offer(self, view: RoundView, live: bool, stopping: bool) -> None:
        ready = view.state is RoundState.READY and not live
        waits = not live and not ready
        self.stop.setVisible(live)
        self.stop.setDisabled(stopping or view.state is not RoundState.RUNNING)
        self.resume.setVisible(waits)
        self.resume.setText("Try again" if view.state is RoundState.FAILED else "Resume")
        self.leave.setVisible(waits)
        self.review.setVisible(ready)
        self.close_it.setVisible(ready)

    @property
    def offered(self) -> list[QPushButton]:
        """The buttons on show, for the keyboard and for tests."""
        return [made for made in self.findChildren(QPushButton) if not made.isHidden()]


def _moving(steps: tuple[StepView, ...]) -> tuple[StepView, ...]:
    """The steps of a round that is on its way again, before its process says so."""
    still = (StepState.PAUSED, StepState.FAILED)
    return tuple(replace(one, state=StepState.NOW) if one.state in still else one for one in steps)


def _sentence(view: RoundView, live: bool, starting: bool, stopping: bool) -> str:
    if not live:
        return view.sentence
    if starting and view.state is not RoundState.RUNNING:
        return "Starting…"
    if stopping:
        return "Saving what is under way, then stopping…"
    return f"{view.words}…" if view.words else ""


def _figures(view: RoundView, run: RunView | None) -> str:
    """How much of the step, how long it still takes, and what the steps after it take."""
    parts, left = [], None
    if view.training and run is not None:
        parts.append(f"{words.kimg(run.kimg)} of {run.goal_kimg:g} kimg")
        left = run.seconds_left
    elif view.total:
        parts.append(f"{view.done:,} of {view.total:,}")
    if left is None and view.step is not None and not view.training:
        left = view.step.expected
        parts += [f"about {words.duration(left)} in all"] if left is not None else []
    elif left is not None:
        parts.append(f"about {words.duration(left)} left")
    if view.seconds_after:
        parts.append(f"then about {words.duration(view.seconds_after)} to the review")
    return "   ·   ".join(parts)


def _colour(state: RoundState, theme: Theme) -> str:
    return {
        RoundState.RUNNING: theme.accent,
        RoundState.STOPPED: theme.text,
        RoundState.FAILED: theme.danger,
        RoundState.INTERRUPTED: theme.warning,
        RoundState.READY: theme.success,
    }.get(state, theme.text)
