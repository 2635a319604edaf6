"""The choices of a review, and what they will be able to show."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from blasto_annotator.curation.review_outlook import Outlook
from blasto_annotator.curation.review_plan import MARGIN, REPEAT_SHARE, ReviewPlan, default_share
from blasto_annotator.domain.power import TEACHING
from blasto_annotator.domain.reviews import Mode
from blasto_annotator.domain.typesetting import typeset
from blasto_annotator.gui.review.overview import BatchRow, when
from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.gui.widgets.spins import decimal_spin, spin

SHARES = (0, 10, 20, 30, 40, 50)
MODES = {
    Mode.RATE: "Realism and class of every image",
    Mode.GRID: "The same by nine, for quick triage",
    Mode.CHOICE: "Real or generated?",
    Mode.PAIR: "Which of two models looks more real?",
}
MODE_WORDS = {
    Mode.RATE: "realism",
    Mode.GRID: "realism by nine",
    Mode.CHOICE: "real or generated",
    Mode.PAIR: "pairs",
}
TEACH = "Images that teach the expert scorer most come first"
NOT_SCORED = "No expert scorer has looked at this batch."
COUNTING = "Counting what it can show…"
NOBODY = "–"
"""Stands for a reader until one is named."""
_PAUSE_MS = 200
"""Choices that follow one another faster are asked about once."""


class PlanForm(QObject):
    """Fields in a grid; `plan` is what they say."""

    start_pressed = Signal(object)
    """A `ReviewPlan`."""
    outlook_wanted = Signal(object)
    """The `ReviewPlan` of the choices as they are now: what can it show?"""

    def __init__(self) -> None:
        super().__init__()
        self._batch: BatchRow | None = None
        self.mode = QComboBox()
        self.readers = QLineEdit()
        self.other = QComboBox()
        self.share = QSlider(Qt.Orientation.Horizontal)
        self._share_words = text("")
        self.per_class = spin("Generated images of each class", 0, 100_000, "0: all of the batch")
        self.repeats = spin("Images that come again, %", 0, 50, "Whether the reader says the same again")
        self.seconds = decimal_spin("Longest look, seconds", 0, 120, "0: as long as the reader likes")
        self.margin = spin("Equivalent to chance within, points", 1, 49, "Fixed before, never after")
        self.teach = QCheckBox(TEACH)
        self._sentence = text("", wrap=True)
        self._power = text("", "muted", wrap=True)
        self.more = button("More choices", self._toggle_more, role="link")
        self.start = button("Start the review", self._start, role="primary")
        self._rows: dict[str, tuple[QWidget, ...]] = {}
        self._pause = QTimer(self.start)  # which ends with the fields; this object outlives them
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look_out)
        self._prepare()

    @property
    def plan(self) -> ReviewPlan | None:
        """The plan, or None while nobody reads or no batch is chosen."""
        readers = self._readers()
        return self._plan(readers) if readers else None

    def _readers(self) -> tuple[str, ...]:
        return tuple(filter(None, (name.strip() for name in self.readers.text().split(","))))

    def _plan(self, readers: tuple[str, ...]) -> ReviewPlan | None:
        if self._batch is None:
            return None
        mode, other = self._mode(), str(self.other.currentData() or "")
        return ReviewPlan(
            batches=(self._batch.name, other) if other and mode is not Mode.CHOICE else (self._batch.name,),
            readers=readers,
            mode=mode,
            per_class=self.per_class.value() or None,
            real_share=0.0 if mode is Mode.PAIR else self._share() / 100,
            repeat_share=0.0 if mode is Mode.PAIR else self.repeats.value() / 100,
            seconds=(self.seconds.value() or None) if mode is Mode.CHOICE else None,
            margin=self.margin.value() / 100,
            teach=mode.rates and self.teach.isEnabled() and self.teach.isChecked(),
        )

    @property
    def power(self) -> str:
        """What the review can show, as said on screen."""
        return self._power.text()

    def show_batch(self, batch: BatchRow, others: list[BatchRow], reviewer: str) -> None:
        """Shows a batch; what was chosen stays as far as it can."""
        if self._batch is not None and self._batch.name != batch.name:
            self._power.setText("")
        self._batch = batch
        if not self.readers.text():
            self.readers.setText(reviewer)
        chosen = self.other.currentData()
        self.other.blockSignals(True)
        self.other.clear()
        self.other.addItem("Nothing", "")
        for other in others:
            if other.name != batch.name:
                self.other.addItem(f"Batch of {when(other.info.created_utc)}", other.name)
                self.other.setItemData(self.other.count() - 1, other.facts, Qt.ItemDataRole.ToolTipRole)
        self.other.setCurrentIndex(max(0, self.other.findData(chosen)))
        self.other.blockSignals(False)
        self._say()

    def show_outlook(self, plan: ReviewPlan, found: Outlook | str) -> None:
        """What a plan can show, or why it cannot be; an answer about other choices than now is dropped."""
        if plan != self._looked_at() or self._missing():
            return
        if isinstance(found, str):
            self._sentence.setText(found)
            self._power.setText("")
            return
        self._sentence.setText(_sentence(plan.mode, found.generated, found.real))
        self._power.setText(typeset("\n".join(found.words)))
        self._power.setEnabled(True)

    def reset(self) -> None:
        """Nothing chosen yet, as for another project."""
        self._batch = None
        self.readers.clear()
        self.other.clear()
        self.mode.setCurrentIndex(0)
        self._propose_share()
        self.per_class.setValue(0)
        self.repeats.setValue(round(REPEAT_SHARE * 100))
        self.seconds.setValue(0)
        self.margin.setValue(round(MARGIN * 100))
        self.teach.setChecked(False)
        self.more.setText("More choices")
        self._say()

    def take_focus(self) -> None:
        """The keyboard to what is needed next: the reader's name, else the start."""
        (self.start if self.readers.text() else self.readers).setFocus()

    def set_busy(self, busy: bool) -> None:
        """While a plan is being made: what it can show is asked no more."""
        self._pause.stop()
        self.start.setText("Mixing the images…" if busy else "Start the review")
        self.start.setDisabled(busy)

    def layout_of(self) -> QVBoxLayout:
        """The fields, to be put into a card."""
        form = QGridLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        fields: list[tuple[str, str, QWidget]] = [
            ("mode", "What is asked", self.mode),
            ("readers", "Who reviews", self.readers),
            ("share", "Real frames mixed in", self.share),
            ("other", "Compared with", self.other),
            ("per_class", "Images per class", self.per_class),
            ("repeats", "Shown again, %", self.repeats),
            ("seconds", "Longest look, s", self.seconds),
            ("margin", "Margin of chance, points", self.margin),
            ("teach", "Order", self.teach),
        ]
        for at, (name, words, field) in enumerate(fields):
            self._add(form, at, name, words, field)
        form.setColumnStretch(1, 1)
        self._say()
        said = (self._sentence, self._power)
        return column(form, row(self.more, None), *said, row(self.start, None), gap=12, margin=20)

    def _add(self, form: QGridLayout, at: int, name: str, words: str, field: QWidget) -> None:
        label: QLabel = text(words)
        label.setBuddy(field)
        form.addWidget(label, at, 0)
        if name == "share":
            form.addLayout(row(field, self._share_words, gap=12), at, 1)
            self._rows[name] = (label, field, self._share_words)
        else:
            form.addWidget(field, at, 1)
            self._rows[name] = (label, field)

    def _start(self) -> None:
        plan = self.plan
        if plan is not None:
            self.start_pressed.emit(plan)

    def _toggle_more(self) -> None:
        self.more.setText("More choices" if self._opened else "Fewer choices")
        self._say()

    @property
    def _opened(self) -> bool:
        return self.more.text() == "Fewer choices"

    def _mode(self) -> Mode:
        return Mode(self.mode.currentData())

    def _share(self) -> int:
        return SHARES[self.share.value()]

    def _begin_question(self) -> None:
        """What another question could show says nothing about this one."""
        self._power.setText("")
        self._propose_share()

    def _propose_share(self) -> None:
        """Real frames as the question needs them; a person may choose otherwise."""
        if self._mode() is not Mode.PAIR:
            self.share.setValue(SHARES.index(round(100 * default_share(self._mode()))))

    def _say(self) -> None:
        """Shows the fields that matter and says what would happen."""
        mode, share = self._mode(), self._share()
        self._show_rows(mode)
        self._share_words.setText(f"{share} %")
        self.teach.setEnabled(self._batch is not None and self._batch.info.scorer is not None)
        self.teach.setToolTip(TEACHING if self.teach.isEnabled() else NOT_SCORED)
        missing = self._missing()
        self.start.setEnabled(self.plan is not None and not missing)
        if self._batch is None:
            return
        self._sentence.setText(missing or COUNTING)
        self._power.setEnabled(False)  # of the choices before, until the answer about these comes
        if missing:
            self._power.setText("")
            self._pause.stop()
        else:
            self._pause.start()

    def _missing(self) -> str:
        """What has to be chosen before a review can be; empty where nothing is missing."""
        if self._mode() is Mode.PAIR and not self.other.currentData():
            return "Choose another batch to compare with: generate one with the other model first."
        if self._mode() is Mode.CHOICE and not self._share():
            return "“Real or generated?” needs real frames: mix some in."
        return ""

    def _looked_at(self) -> ReviewPlan | None:
        """The plan as it is now, of nobody while no reader is named."""
        return self._plan(self._readers() or (NOBODY,))

    def _look_out(self) -> None:
        plan = self._looked_at()
        if plan is not None:
            self.outlook_wanted.emit(plan)

    def _show_rows(self, mode: Mode) -> None:
        shown = {"mode", "readers"}
        shown |= {"other"} if mode is Mode.PAIR else {"share"}
        if self._opened:
            shown |= {"other", "per_class"} | (set() if mode is Mode.PAIR else {"repeats"})
            shown |= {"seconds", "margin"} if mode is Mode.CHOICE else set()
            shown -= {"other"} if mode is Mode.CHOICE else set()
            shown |= {"teach"} if mode.rates else set()
        for name, widgets in self._rows.items():
            for widget in widgets:
                if widget.parentWidget() is not None:  # on its own it would open as a window
                    widget.setVisible(name in shown)

    def _prepare(self) -> None:
        for mode, words in MODES.items():
            self.mode.addItem(words, mode.value)
        self.mode.setAccessibleName("What is asked")
        self.readers.setPlaceholderText("Your name; several with commas, a session each")
        self.readers.setAccessibleName("Reviewer")
        self.other.setAccessibleName("Compared with another batch")
        self.share.setRange(0, len(SHARES) - 1)
        self.share.setPageStep(1)
        self.share.setAccessibleName("Share of real frames")
        self._share_words.setMinimumWidth(40)
        self.per_class.setSpecialValueText("all")
        self.seconds.setSpecialValueText("as long as the reader likes")
        self.reset()
        self.teach.toggled.connect(lambda _: self._say())
        self.readers.returnPressed.connect(self.start.click)
        self.readers.textChanged.connect(lambda _: self._say())
        self.mode.currentIndexChanged.connect(lambda _: self._begin_question())
        for box in (self.mode, self.other):
            box.currentIndexChanged.connect(lambda _: self._say())
        for number in (self.share, self.per_class, self.repeats, self.seconds, self.margin):
            number.valueChanged.connect(lambda _: self._say())


def _sentence(mode: Mode, generated: int, real: int) -> str:
    if mode is Mode.PAIR:
        return f"{generated // 2} pairs of one class, one image of each batch, sides drawn at random."
    mixed = f" and {real} labelled real frames of held-out embryos" if real else ""
    blind = "; nothing on screen tells them apart until the end." if real else "."
    return f"{generated} generated images{mixed}, in random order{blind}"
