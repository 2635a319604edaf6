"""Before a review: what is asked, who reads, what is mixed in, what it can show; sessions to continue."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from blasto_annotator.domain.reviews import Mode, ReviewSession
from blasto_annotator.gui.review.marks import (
    ANSWER_TITLES,
    CHOICE_KEYS,
    PAIR_KEYS,
    REALISM_HINTS,
    REALISM_KEYS,
    REALISM_TITLES,
    WRONG_CLASS_KEY,
)
from blasto_annotator.gui.review.overview import BatchRow, SessionRow, when
from blasto_annotator.gui.review.plan_form import MODE_WORDS, PlanForm
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text

WIDTH = 680
TOP = Qt.AlignmentFlag.AlignTop


class PlanView(QScrollArea):
    """The plan of one batch's review."""

    start_pressed = Signal(object)
    """A `ReviewPlan`."""
    continue_pressed = Signal(object)
    """A `ReviewSession`."""
    reveal_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._title = text("", "title")
        self._grader = ""
        self._facts = text("", "muted", wrap=True)
        self.form = PlanForm()
        self._sessions = QGridLayout()
        self._sessions_card = QFrame()
        self.form.start_pressed.connect(self.start_pressed)
        self.setWidget(self._page())
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_batch(self, batch: BatchRow, others: list[BatchRow], reviewer: str) -> None:
        """Shows a batch's plan; the readers' names stay where they were typed."""
        self._title.setText(f"Batch of {when(batch.info.created_utc)}")
        self._facts.setText(f"{batch.name}: {batch.facts}")
        self._grader = reviewer
        self.form.show_batch(batch, others, reviewer)
        self._show_sessions(batch.sessions)

    def take_focus(self) -> None:
        """The keyboard to what is needed next."""
        self.form.take_focus()

    def set_busy(self, busy: bool) -> None:
        """While a plan is being made."""
        self.form.set_busy(busy)

    def _continue_words(self, session: ReviewSession) -> str:
        own = session.reviewer == self._grader
        return "Continue" if own else f"Continue as {session.reviewer}"

    def _page(self) -> QWidget:
        self._sessions_card = frame(
            column(text("Sessions on this batch", "heading"), self._sessions, margin=20)
        )
        inner = QWidget()
        inner.setProperty("role", "plain")
        inner.setMaximumWidth(WIDTH)
        parts = (self._title, self._facts, 8, frame(self.form.layout_of()), 8, self._sessions_card, 8)
        self._protocols = {mode: _protocol(mode) for mode in Mode}
        inner.setLayout(column(*parts, *self._protocols.values(), None, margin=18))
        self.form.mode.currentIndexChanged.connect(lambda _: self._show_protocol())
        self._show_protocol()
        outer = QWidget()
        outer.setProperty("role", "plain")
        whole = row()
        whole.addWidget(inner, 1000)
        whole.addStretch(1)
        outer.setLayout(whole)
        return outer

    def _show_protocol(self) -> None:
        """The keys of what is asked."""
        for mode, card in self._protocols.items():
            card.setVisible(mode.value == self.form.mode.currentData())

    def _show_sessions(self, sessions: tuple[SessionRow, ...]) -> None:
        _clear(self._sessions)
        self._sessions_card.setVisible(bool(sessions))
        self._sessions.setHorizontalSpacing(16)
        for index, known in enumerate(sessions):
            self._add_session(index, known)
        self._sessions.setColumnStretch(2, 1)

    def _add_session(self, index: int, known: SessionRow) -> None:
        session = known.session
        figures = "complete" if known.complete else f"{known.done} of {known.total}"
        self._sessions.addWidget(text(f"{session.reviewer}, {MODE_WORDS[session.mode]}"), index, 0)
        self._sessions.addWidget(text(when(session.created_utc), "muted"), index, 1)
        self._sessions.addWidget(text(figures, "muted"), index, 2)
        if not known.revealed:
            words = "Look again" if known.complete else self._continue_words(session)
            resume = button(words, lambda: self.continue_pressed.emit(session))
            self._sessions.addWidget(resume, index, 3)
        if known.complete:
            shown = button("Results", lambda: self.reveal_pressed.emit(session))
            self._sessions.addWidget(shown, index, 4)


def _protocol(mode: Mode) -> QFrame:
    """What the verdicts or answers mean, before one is given."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    lines = _lines(mode)
    for at, (key, title, hint) in enumerate(lines):
        grid.addWidget(text(key, "strong"), at, 0, TOP)
        grid.addWidget(text(title), at, 1, TOP)
        grid.addWidget(text(hint, "muted", wrap=True), at, 2)
    grid.setColumnStretch(2, 1)
    title = "The verdicts and their keys" if mode.rates else "The answers and their keys"
    return frame(column(text(title, "heading"), grid, gap=12, margin=20))


def _lines(mode: Mode) -> list[tuple[str, str, str]]:
    if not mode.rates:
        keys = PAIR_KEYS if mode is Mode.PAIR else CHOICE_KEYS
        return [(key, ANSWER_TITLES[answer], "") for key, answer in keys.items()]
    lines = [(key, REALISM_TITLES[r], REALISM_HINTS[r]) for key, r in REALISM_KEYS.items()]
    wrong = "Another class than it is shown as; beside 1, 2, 3 or alone"
    lines.append((WRONG_CLASS_KEY, "Wrong class", wrong))
    if mode is Mode.GRID:
        lines.insert(0, ("", "First", "Click an exception, or choose it with the arrow keys, and judge it"))
        lines.insert(1, ("", "Then", "One key judges all the rest of the nine and turns the page"))
    return lines


def _clear(layout: QGridLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.deleteLater()
