"""Answering: real or generated, or which of two looks more real. One key an answer, the next at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget

from blasto_annotator.domain.reviews import Answer, Mode, Seen
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.review.clock import LookClock
from blasto_annotator.gui.review.key_button import KeyButton
from blasto_annotator.gui.review.look import Look
from blasto_annotator.gui.review.marks import ANSWER_TITLES, CHOICE_KEYS, PAIR_KEYS
from blasto_annotator.gui.review.session_bar import SessionBar
from blasto_annotator.gui.review.session_keys import Act, act_of
from blasto_annotator.gui.review.session_model import CANNOT, SessionModel, Step
from blasto_annotator.gui.theme import CANVAS, DARK
from blasto_annotator.gui.typed import typed_char
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text
from blasto_annotator.gui.widgets.image_view import ImageView
from blasto_annotator.gui.widgets.pictures import Load, Pictures

log = logging.getLogger(__name__)
QUESTIONS = {Mode.CHOICE: "Real or generated?", Mode.PAIR: "Which looks more real?"}
WIDTH = 260
TICK_MS = 40


class AnswerView(QWidget):
    """Shows a `SessionModel` of choices or pairs; hands every row to write to `write`."""

    paused = Signal()
    finished = Signal()

    def __init__(
        self, model: SessionModel, scheme: Scheme, load: Load, write: Callable[[Step], None],
        keep_look: Callable[[int, float], None] | None = None, begun: tuple[int, float] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.model = model
        self._write = write
        self._keep_look = keep_look
        """Told of each timed look as it begins (as if it were used up) and of what a pause leaves of it."""
        self._titles = {group.name: group.title for group in scheme.groups}
        self.pictures = Pictures(load, len(model.session.items), self)
        self.clock = LookClock()
        if begun is not None:
            self.clock.restore(*begun)
        self.bar = SessionBar()
        self.bar.ask_only()
        self.views = [ImageView() for _ in range(model.step)]
        self.look = Look(self.views[0], self.pictures, self._show_pictures)
        self._look_card = self.look.framed()
        self._class = text("", "muted")
        self._failure = text("", "danger", wrap=True)
        keys = PAIR_KEYS if model.session.mode is Mode.PAIR else CHOICE_KEYS
        self._keys = keys
        self.answers = {
            answer: KeyButton(key, ANSWER_TITLES[answer], partial(self.give, answer))
            for key, answer in keys.items()
        }
        self._left = QProgressBar()
        self._ticks = QTimer(self)
        self._seconds: float | None = model.session.plan.get("seconds")
        self.waiting = self._seconds is not None and not model.complete
        """Whether a timed session has yet to be begun by its reader."""
        self.begin_button = button("Begin (Enter)", self.begin, role="primary")
        self._end = self._end_card()
        self._covers = [_cover() for _ in self.views]
        self._build()
        self._connect()
        self.refresh()

    @property
    def showing(self) -> bool:
        """Whether the pictures of the present position are on screen."""
        return all(view.isVisible() for view in self.views)

    def seen(self, step: Step) -> Seen:
        """How long and how large it was looked at."""
        return Seen(self.clock.seconds(step.position), self.look.seen())

    def refresh(self) -> None:
        """Shows the model as it stands."""
        model = self.model
        self.bar.show_session(model, saving=model.busy)
        for answer, made in self.answers.items():
            made.setChecked(model.marks.answer is answer)
        name = model.item.class_name
        self._class.setText(f"Shown as: {self._titles.get(name, name)}")
        self._end.setVisible(model.complete)
        self._show_pictures()

    def saved(self, step: Step) -> None:
        """The row is on the disk."""
        self.model.saved(step)
        self.refresh()

    def failed(self, step: Step) -> None:
        """The row is not on the disk: back to its image."""
        self.model.failed(step)
        self.refresh()

    @property
    def _timed(self) -> str:
        """What a reader under time must know before the first look."""
        if self._seconds is None:
            return ""
        return f"Each image is shown for {self._seconds:g} s, then covered; the answer may still be given. "

    @property
    def over(self) -> bool:
        """Whether the timed look is over: its time is up, or the answer was given."""
        if self._seconds is None:
            return False
        position = self.model.position
        looked = self.clock.seconds(position) or 0.0
        return looked >= self._seconds or self.model.verdict_at(position) is not None

    def begin(self) -> None:
        """The first timed look starts when its reader is ready."""
        self.waiting = False
        self.begin_button.hide()
        self.setFocus()
        self.refresh()

    def pause(self) -> None:
        """Back to the batches; what is left of a timed look can be had later."""
        position = self.model.position
        looked = self.clock.seconds(position)
        if self._seconds is not None and self._keep_look is not None and looked is not None:
            self._keep_look(position, looked)
        self.paused.emit()

    def give(self, answer: Answer) -> None:
        """The answer, and the next image. What was never on screen cannot be answered."""
        if self.clock.seconds(self.model.position) is None:
            return
        self.model.change(lambda marks: replace(marks, answer=answer))
        step = self.model.commit()
        if step is not None:
            self._write(step)
        self.model.advance()
        self.refresh()

    def undo(self) -> None:
        """Takes the last answer back and shows its image."""
        self._step(self.model.undo())

    def redo(self) -> None:
        """Gives the answer that was taken back again."""
        self._step(self.model.redo())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        answer = self._keys.get(typed_char(event))
        found = act_of(event, {})
        if answer is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.give(answer)
        elif found is None or found.act not in self._acts():
            super().keyPressEvent(event)
        else:
            self._acts()[found.act](found.value)

    def _acts(self) -> dict[Act, Callable[[object], None]]:
        return {
            Act.COMMIT: lambda _: self._finish(),
            Act.MOVE: self._move,
            Act.UNDO: lambda _: self.undo(),
            Act.REDO: lambda _: self.redo(),
            Act.PIXELS: lambda _: self.bar.pixels.toggle(),
            Act.PICTURE: lambda _: self.bar.picture.toggle(),
            Act.ZOOM: self._zoom,
            Act.PAUSE: lambda _: self.pause(),
        }

    def _step(self, step: Step | None) -> None:
        if step is not None:
            self._write(step)
        self.refresh()

    def _finish(self) -> None:
        if self.waiting:
            self.begin()
        elif self.model.complete:
            self.finished.emit()

    def _move(self, where: object) -> None:
        across = where[0] if isinstance(where, tuple) else 0
        self.model.go(self.model.position + across * self.model.step)
        self.refresh()

    def _zoom(self, factor: object) -> None:
        for view in self.views:
            view.zoom_by(factor) if isinstance(factor, float) and factor else view.fit()

    # pictures

    def _show_pictures(self) -> None:
        self._failure.hide()
        first = self.model.position
        pictures = [self.pictures.get(first + at) for at in range(self.model.step)]
        ready = all(picture is not None for picture in pictures)
        shown = ready and not self.over and not self.waiting
        for view, cover, picture in zip(self.views, self._covers, pictures, strict=True):
            cover.setText(self._why_covered())
            _lay(view, cover, picture if shown else None)
        self.pictures.expect(range(first - self.model.step, first + 4 * self.model.step))
        if shown:
            fresh = self.clock.seconds(first) is None
            self.clock.start(first)
            if fresh and self._seconds is not None and self._keep_look is not None:
                self._keep_look(first, self._seconds)  # a crash does not give the look again
        else:
            self.clock.stop()
        self._tick()

    def _tick(self) -> None:
        """A timed look ends by covering the picture and stopping the clock; the answer may still be given."""
        if self._seconds is None:
            return
        looked = self.clock.seconds(self.model.position) or 0.0
        self._left.setValue(0 if self.over else max(0, round(1000 * (1 - looked / self._seconds))))
        if not self.over:
            self._ticks.start(TICK_MS)
            return
        self.clock.stop()
        self._ticks.stop()
        for view, cover in zip(self.views, self._covers, strict=True):
            cover.setText(self._why_covered())
            _lay(view, cover, None)

    def _why_covered(self) -> str:
        """What to do where a timed session shows no picture."""
        if self.waiting:
            return "Enter shows the first image"
        answered = self.model.verdict_at(self.model.position) is not None
        return "The time is over: answer with 1 or 2" if self.over and not answered else ""

    def _picture_ready(self, position: int) -> None:
        if 0 <= position - self.model.position < self.model.step:
            self._show_pictures()

    def _picture_failed(self, position: int, sentence: str) -> None:
        if 0 <= position - self.model.position < self.model.step:
            log.warning("image %d cannot be shown: %s", position, sentence)
            self._failure.setText(CANNOT)
            self._failure.show()

    def _set_pixels(self, pixels: bool) -> None:
        self.pictures.smooth = not pixels
        self._show_pictures()

    # building

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocus()

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(QUESTIONS[self.model.session.mode])
        self._failure.hide()
        self._left.setRange(0, 1000)
        self._left.setTextVisible(False)
        self._left.setAccessibleName("Time left to look")
        self._left.setVisible(self._seconds is not None)
        pictures = row(gap=4)
        for view, cover in zip(self.views, self._covers, strict=True):
            pictures.addWidget(view, 1)
            pictures.addWidget(cover, 1)
        left = column(self._end, self._failure, gap=0)
        pair = QFrame()
        pair.setObjectName("pictures")
        pair.setStyleSheet(f"#pictures {{ background: {CANVAS} }}")  # between two, too
        pair.setLayout(pictures)
        left.addWidget(pair, 1)
        body = row(gap=0)
        body.addLayout(left, 1)
        body.addWidget(self._look_card)
        body.addWidget(self._panel())
        self.setLayout(column(self.bar, body, gap=0))

    def _panel(self) -> QFrame:
        words: list[QWidget] = [text(QUESTIONS[self.model.session.mode], "heading"), self._class]
        if not self.waiting:
            self.begin_button.hide()
        words += [self.begin_button]
        hint = text(f"{self._timed}Backspace takes the last answer back.", "small", wrap=True)
        layout: QVBoxLayout = column(*words, 8, *self.answers.values(), 8, self._left, hint, None, margin=16)
        made = frame(layout, "panel")
        made.setFixedWidth(WIDTH)
        return made

    def _end_card(self) -> QWidget:
        words = text("Everything has an answer.", "heading")
        show = button("Show what they were", self.finished.emit, role="primary")
        return frame(row(words, None, show, margin=12), "panel")

    def _connect(self) -> None:
        self.bar.pause_pressed.connect(self.pause)
        self.bar.undo_pressed.connect(self.undo)
        self.bar.redo_pressed.connect(self.redo)
        self.bar.picture_toggled.connect(self._look_card.setVisible)
        self.bar.pixels_toggled.connect(self._set_pixels)
        self.bar.fit_pressed.connect(lambda: self._zoom(0.0))
        self.pictures.ready.connect(self._picture_ready)
        self.pictures.failed.connect(self._picture_failed)
        self._ticks.setSingleShot(True)
        self._ticks.timeout.connect(self._tick)


def _cover() -> QLabel:
    made = QLabel()
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setStyleSheet(f"background: {CANVAS}; color: {DARK.on_canvas}")
    return made


def _lay(view: ImageView, cover: QLabel, picture: QImage | None) -> None:
    """The picture, or a blank area: never the one before."""
    if picture is not None:
        view.set_image(picture)
    view.setVisible(picture is not None)
    cover.setVisible(picture is None)
