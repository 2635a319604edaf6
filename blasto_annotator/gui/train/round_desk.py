"""Between the newest round, its card and the rest of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from blasto_annotator.gui.state import AppState, RoundEnd, RunStatus
from blasto_annotator.gui.train.choices import Choices
from blasto_annotator.gui.train.round_card import RoundCard
from blasto_annotator.gui.train.round_model import RoundView, WaitingReview
from blasto_annotator.gui.train.round_runner import RoundRunner
from blasto_annotator.gui.train.run_model import RunView
from blasto_annotator.rounds.record import RoundState, waits

BUSY = "A round is under way: it ends with its review, or stop and leave it first."
WAITING = "Round {} waits above: go on with it, or leave it; then another can begin."


class RoundDesk(QObject):
    """Keeps the card true, says how a round ended, and takes the person to its review."""

    busy_changed = Signal(str)
    """Why no other round can begin: one is under way, or waits; empty where one can."""
    card_closed = Signal()
    run_begun = Signal(object)
    """Folder of a training that the round has just begun."""

    def __init__(self, state: AppState, views: Mapping[Path, RunView], parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._runs = views
        self.view: RoundView | None = None
        self._closed: tuple[Path, int] | None = None
        """The finished round whose card was closed."""
        self._was_starting = False
        self.card = RoundCard()
        self.runner = RoundRunner(state, self)
        self._connect()

    @property
    def running(self) -> bool:
        """Whether a round is being walked."""
        view = self.view
        return self.runner.starting or (view is not None and view.state is RoundState.RUNNING)

    @property
    def in_the_way(self) -> str:
        """Why no other round can begin; empty where one can."""
        if self.running:
            return BUSY
        view = self.view
        return WAITING.format(view.number) if view is not None and waits(view.state) else ""

    def forget(self) -> None:
        """Another project."""
        self.view, self._closed = None, None
        self.runner.forget()
        self.refresh()

    def begin(self, choices: Choices) -> None:
        """The one button: a whole round."""
        self.runner.begin(choices)

    def take(self, view: RoundView | None) -> None:
        """The newest round as it stands now."""
        before, self.view = self.view, view
        self.runner.take(view)
        self.refresh()
        self._say_end(view, before)
        began = view is not None and view.run is not None and (before is None or before.run != view.run)
        if began and view is not None and view.state is RoundState.RUNNING:
            self.run_begun.emit(view.run)

    def looked(self) -> None:
        """A look is over: a process that ended before it changed the record is noticed here."""
        if self.runner.starting != self._was_starting:
            self._was_starting = self.runner.starting
            self.runner.take(self.view)
            self.refresh()

    def refresh(self) -> None:
        """The card, after anything changed."""
        view = self.view
        run = self._runs.get(view.run) if view is not None and view.run is not None else None
        closed = view is not None and (view.path, view.number) == self._closed
        done = view is not None and view.state is RoundState.READY and (closed or view.begun)
        starting, stopping = self.runner.starting, self.runner.stopping
        shown = None if done and not starting else view
        self.card.show_round(shown, run, starting=starting, stopping=stopping)
        self.busy_changed.emit(self.in_the_way)

    def status(self) -> RunStatus | None:
        """The status bar's line while the round does something else than training."""
        view = self.view
        if view is None or view.state is not RoundState.RUNNING or view.training:
            return None
        count = f" {view.done:,} of {view.total:,}" if view.total else ""
        share = view.done / view.total if view.total else 0.0
        sentence = f"Round {view.number}: {view.words[:1].lower()}{view.words[1:]}{count}"
        return RunStatus(view.path, f"round {view.number}", True, sentence, share)

    def close_card(self) -> None:
        """The review stays on the Review page."""
        if self.view is not None:
            self._closed = (self.view.path, self.view.number)
            self.refresh()
            self.card_closed.emit()

    def start_review(self) -> None:
        """Opens the session of the person at this window, else shows the page where it is chosen."""
        session = self._own_session()
        if session is not None:
            self._state.session_requested.emit(session)
        else:
            self._state.page_requested.emit("review")

    def _say_end(self, view: RoundView | None, before: RoundView | None) -> None:
        if view is None or (before is not None and before.state is view.state and before.path == view.path):
            return
        news = before is not None and before.path == view.path
        if view.state is RoundState.RUNNING:
            self._state.round_ended.emit(None)
        elif view.state is RoundState.READY and not view.begun:
            self._say_ready(view, news)
        elif waits(view.state) and not self.runner.starting:
            self._say_waits(view, news)

    def _say_ready(self, view: RoundView, news: bool) -> None:
        if news:
            self._state.batch_ready.emit(view.batch)
        sentence = f"Round {view.number} is ready for review."
        self._state.round_ended.emit(RoundEnd(view.number, "success", sentence, self._own_session(), news))

    def _say_waits(self, view: RoundView, news: bool) -> None:
        """Who has just stopped it knows."""
        if news and view.state is RoundState.STOPPED:
            return
        failed = view.state is RoundState.FAILED
        sentence = f"Round {view.number} could not go on. {view.sentence}" if failed else view.sentence
        kind = "error" if failed else "warning"
        self._state.round_ended.emit(RoundEnd(view.number, kind, sentence, None, news))

    def _own_session(self) -> int | None:
        """The session of the person here, else the only one: opening it asks for its reader."""
        reviews: tuple[WaitingReview, ...] = self.view.reviews if self.view is not None else ()
        own = [one.session for one in reviews if one.reader == self._state.grader]
        if not own and len(reviews) == 1:
            return reviews[0].session
        return own[0] if own else None

    def _connect(self) -> None:
        acts: Mapping[str, Callable[[], None]] = {
            "stop_pressed": self.runner.stop,
            "resume_pressed": self.runner.resume,
            "leave_pressed": self.runner.leave,
            "review_pressed": self.start_review,
            "close_pressed": self.close_card,
        }
        for name, act in acts.items():
            getattr(self.card, name).connect(act)
        self.runner.changed.connect(self.refresh)
