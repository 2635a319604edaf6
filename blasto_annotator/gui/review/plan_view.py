"""Before a review: which batch, who reviews, how many real frames are mixed in; sessions to continue."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QScrollArea, QSlider, QWidget

from blasto_annotator.gui.review.marks import REALISM_HINTS, REALISM_KEYS, REALISM_TITLES, WRONG_CLASS_KEY
from blasto_annotator.gui.review.overview import BatchRow, SessionRow, expected_controls, when
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text

SHARES = (0, 10, 20, 30, 40, 50)
DEFAULT_SHARE = 20
WIDTH = 680


class PlanView(QScrollArea):
    """The plan of one batch's review."""

    start_pressed = Signal(str, str, float)
    """Batch, reviewer, share of real frames."""
    continue_pressed = Signal(object)
    """A `ReviewSession`."""
    reveal_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._batch: BatchRow | None = None
        self._title = text("", "title")
        self._facts = text("", "muted", wrap=True)
        self.reviewer = QLineEdit()
        self.reviewer.setPlaceholderText("Your name or initials")
        self.reviewer.setAccessibleName("Reviewer")
        self.share = QSlider(Qt.Orientation.Horizontal)
        self.start = button("Start the review", self._start, role="primary")
        self._share_words = text("")
        self._sentence = text("", wrap=True)
        self._sessions = QGridLayout()
        self._sessions_card = QFrame()
        self._build()
        self._say()

    def show_batch(self, batch: BatchRow, reviewer: str) -> None:
        """Shows a batch's plan; the reviewer's name stays where one was typed."""
        self._batch = batch
        if not self.reviewer.text():
            self.reviewer.setText(reviewer)
        self._title.setText(f"Batch of {when(batch.info.created_utc)}")
        self._facts.setText(f"{batch.name}: {batch.facts}")
        self._show_sessions(batch.sessions)
        self._say()

    def take_focus(self) -> None:
        """The keyboard to what is needed next: the reviewer's name, else the start."""
        (self.start if self.reviewer.text() else self.reviewer).setFocus()

    def set_busy(self, busy: bool) -> None:
        """While a plan is being made."""
        self.start.setText("Mixing the images…" if busy else "Start the review")
        self.start.setDisabled(busy)

    def _start(self) -> None:
        if self._batch is not None:
            self.start_pressed.emit(self._batch.name, self.reviewer.text().strip(), self._share() / 100)

    def _share(self) -> int:
        return SHARES[self.share.value()]

    def _say(self) -> None:
        share = self._share()
        self._share_words.setText(f"{share} %")
        self.start.setEnabled(bool(self.reviewer.text().strip()))
        if self._batch is None:
            return
        images = self._batch.images
        controls = expected_controls(images, share / 100)
        mixed = f" and up to {controls} labelled real frames" if controls else ""
        blind = "; nothing on screen tells them apart until the end." if controls else "."
        self._sentence.setText(f"{images} generated images{mixed}, in random order{blind}")

    def _build(self) -> None:
        self.share.setRange(0, len(SHARES) - 1)
        self.share.setValue(SHARES.index(DEFAULT_SHARE))
        self.share.setPageStep(1)
        self.share.setAccessibleName("Share of real frames")
        self.share.valueChanged.connect(lambda _: self._say())
        self.reviewer.textChanged.connect(lambda _: self._say())
        self.reviewer.returnPressed.connect(self.start.click)
        self.setWidget(self._page())
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def _page(self) -> QWidget:
        self._sessions_card = frame(
            column(text("Sessions on this batch", "heading"), self._sessions, margin=20)
        )
        inner = QWidget()
        inner.setProperty("role", "plain")
        inner.setMaximumWidth(WIDTH)
        inner.setLayout(
            column(
                self._title,
                self._facts,
                8,
                frame(self._form()),
                8,
                self._sessions_card,
                8,
                _protocol(),
                None,
                margin=24,
            )
        )
        outer = QWidget()
        outer.setProperty("role", "plain")
        whole = row()
        whole.addWidget(inner, 1000)
        whole.addStretch(1)
        outer.setLayout(whole)
        return outer

    def _form(self) -> QGridLayout:
        form = QGridLayout()
        form.setContentsMargins(20, 20, 20, 20)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(14)
        _add_field(form, 0, "Reviewer", self.reviewer)
        form.addWidget(_label("Real frames mixed in", self.share), 1, 0)
        form.addLayout(row(self.share, self._share_words, gap=12), 1, 1)
        form.addWidget(self._sentence, 2, 1)
        form.addLayout(row(self.start, None), 3, 1)
        form.setColumnStretch(1, 1)
        self._share_words.setMinimumWidth(40)
        return form

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
        self._sessions.addWidget(text(session.reviewer), index, 0)
        self._sessions.addWidget(text(when(session.created_utc), "muted"), index, 1)
        self._sessions.addWidget(text(figures, "muted"), index, 2)
        resume = button(
            "Look again" if known.complete else "Continue", lambda: self.continue_pressed.emit(session)
        )
        self._sessions.addWidget(resume, index, 3)
        if known.complete:
            shown = button("Results", lambda: self.reveal_pressed.emit(session))
            self._sessions.addWidget(shown, index, 4)


def _protocol() -> QFrame:
    """What the verdicts mean, before one is given."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    lines = [(key, REALISM_TITLES[r], REALISM_HINTS[r]) for key, r in REALISM_KEYS.items()]
    lines.append(
        (WRONG_CLASS_KEY, "Wrong class", "Another class than it is shown as; beside 1, 2, 3 or alone")
    )
    for at, (key, title, hint) in enumerate(lines):
        grid.addWidget(text(key, "section"), at, 0)
        grid.addWidget(text(title), at, 1)
        grid.addWidget(text(hint, "muted"), at, 2)
    grid.setColumnStretch(2, 1)
    return frame(column(text("The verdicts and their keys", "heading"), grid, gap=12, margin=20))


def _label(words: str, buddy: QWidget) -> QLabel:
    made = text(words)
    made.setBuddy(buddy)
    return made


def _add_field(form: QGridLayout, at: int, words: str, field: QWidget) -> None:
    form.addWidget(_label(words, field), at, 0)
    form.addWidget(field, at, 1)


def _clear(layout: QGridLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.deleteLater()
