"""The next training: what it will do in one sentence, one button, and the snapshot it would train on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QProgressBar, QScrollArea, QWidget

from blasto_annotator.curation.items import Item
from blasto_annotator.gui.train.choices import Choices
from blasto_annotator.gui.train.manifest_dialog import ManifestDialog
from blasto_annotator.gui.train.plan_form import PlanForm
from blasto_annotator.gui.train.planning import Planned
from blasto_annotator.gui.train.round_list import RoundAhead
from blasto_annotator.gui.train.split_bars import SplitBars
from blasto_annotator.gui.widgets.basics import button, column, frame, line, row, text
from blasto_annotator.gui.widgets.spins import spin

WIDEST = 1200
SECOND_RUN = "A training is running; a second one slows both."
_CAP = round(100 * Choices().cap)
SETTLE_MS = 350
"""A choice is worked out when the person has stopped choosing for this long."""


class PlanPanel(QScrollArea):
    """Shows a `Planned` and asks for another when a choice changes."""

    wanted = Signal()
    """The choices changed: work the plan out again."""
    retrain_pressed = Signal()
    cancel_pressed = Signal()
    labels_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = PlanForm()
        self.sentence = text("", "heading", wrap=True)
        self.remark = text("", "warning", wrap=True)
        self.retrain = button("Retrain", self.retrain_pressed.emit, role="primary")
        self.cancel = button("Cancel", self.cancel_pressed.emit)
        self.train_only = QCheckBox("Train only")
        self.train_only.setToolTip("Ends with the trained generator: no evaluation, images or review")
        self.after = text("", "muted", wrap=True)
        self.steps = RoundAhead()
        self._other = text("", "muted")
        self._other.hide()
        self._in_the_way = ""
        self._other_alive = False
        self.label_first = button("Go to labelling", self.labels_wanted.emit)
        self.label_first.hide()
        self.bars = SplitBars()
        self._summary = text("", "muted", wrap=True)
        self.manifest = button("Show every image …", self._show_manifest, role="link")
        self.manifest.hide()
        self._items: tuple[tuple[Item, str], ...] = ()
        self._left_out = _list()
        self._verdicts = _list()
        self.perfect = QCheckBox("Include generated images rated perfect")
        self.cap = spin("Most generated images, as a share of the training split", 1, 50)
        self._progress = QProgressBar()
        self._doing = text("", "muted")
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._ready = False
        self._build()
        self._connect()
        self.show_working("Looking at labels and verdicts…")

    def reset(self) -> None:
        """Nothing chosen yet, as for another project: above all no generated images."""
        self.form.reset()
        self.perfect.setChecked(False)
        self.cap.setValue(_CAP)
        self.train_only.setChecked(False)

    def choices(self) -> Choices:
        """The form with the choice of what reviewed images do."""
        return replace(
            self.form.choices(),
            include_perfect=self.perfect.isChecked(),
            cap=self.cap.value() / 100,
            train_only=self.train_only.isChecked(),
        )

    def show_working(self, words: str) -> None:
        """While the plan is worked out: the old one stays, the button waits."""
        self._ready = False
        self.retrain.setEnabled(False)
        if not self.sentence.text():
            self.sentence.setText(words)

    def show_counting(self, done: int, total: int) -> None:
        """While frames are read for the first time."""
        self._summary.setText(f"Comparing frames… {done:,} of {total:,}")

    def show_problem(self, sentence: str) -> None:
        """Why nothing can be planned."""
        self.sentence.setText("Nothing can be trained yet.")
        self._say_remark(sentence)
        self.retrain.setEnabled(False)

    def show_plan(self, planned: Planned) -> None:
        """The plan, worked out."""
        if planned.plan is None:
            self.show_problem(planned.problem)
        else:
            self.sentence.setText(planned.plan.sentence)
            self._say_remark(" ".join(filter(None, [planned.problem, planned.warnings])))
        self._ready = planned.plan is not None and not planned.problem
        self._enable()
        self.after.setText(planned.after)
        self.after.setVisible(bool(planned.after))
        self.steps.show_steps(planned.steps)
        self.form.round.take_readers(planned.readers)
        self.label_first.setVisible(planned.preview.images == 0)
        self.bars.show_counts(planned.groups)
        self._summary.setText(planned.summary)
        self._items = planned.preview.items
        self.manifest.setVisible(bool(self._items))
        _fill(self._left_out, planned.left_out, "Nothing is left out.")
        verdicts = dict.fromkeys(planned.preview.verdicts.values())
        _fill(self._verdicts, verdicts, "No generated image has been reviewed yet.")

    def _show_manifest(self) -> None:
        ManifestDialog(self._items, self).show()

    def show_other_run(self, alive: bool) -> None:
        """Whether a training is running beside the one that is planned."""
        self._other_alive = alive
        self._enable()

    def show_round(self, in_the_way: str) -> None:
        """Why no round can begin now, where one is under way or waits."""
        if in_the_way != self._in_the_way:
            self._in_the_way = in_the_way
            self._enable()

    def _enable(self) -> None:
        self.retrain.setEnabled(self._ready and not self._in_the_way)
        self.retrain.setToolTip(self._in_the_way)
        self._other.setText(self._in_the_way or (SECOND_RUN if self._other_alive else ""))
        self._other.setVisible(bool(self._other.text()))

    def show_progress(self, words: str, done: int = 0, total: int = 0) -> None:
        """While the snapshot is written and the trainer starts; empty words: nothing is under way."""
        busy = bool(words)
        for widget in (self._progress, self._doing, self.cancel):
            widget.setVisible(busy)
        self.retrain.setVisible(not busy)
        self.form.setDisabled(busy)
        self._doing.setText(f"{words} {done} of {total}" if total else words)
        self._progress.setMaximum(total)
        self._progress.setValue(done)

    def _say_remark(self, words: str) -> None:
        self.remark.setText(words)
        self.remark.setVisible(bool(words))

    def _changed(self) -> None:
        self.cap.setEnabled(self.perfect.isChecked())
        self._ready = False
        self._enable()
        self._settle.start()

    def _connect(self) -> None:
        self.form.changed.connect(self._changed)
        self.perfect.toggled.connect(lambda _: self._changed())
        self.cap.valueChanged.connect(lambda _: self._changed())
        self.train_only.toggled.connect(lambda _: self._changed())
        self._settle.timeout.connect(self.wanted)

    def _build(self) -> None:
        self.retrain.setMinimumWidth(150)
        self.retrain.setMinimumHeight(38)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(220)
        self._progress.setAccessibleName("Progress of the snapshot")
        self.cap.setValue(_CAP)
        self.cap.setSuffix(" % of training at most")
        self.cap.setEnabled(False)
        inner = QWidget()
        inner.setProperty("role", "plain")
        act = row(
            self.retrain, self.train_only, self.label_first, self._progress, self._doing, self.cancel,
            self._other, None, gap=14,
        )  # fmt: skip
        head = column(self.sentence, self.after, self.remark, 2, act, 2, line(), 2, self.form, margin=20)
        inner.setLayout(column(frame(head), self._cards(), self.steps, None, gap=16, margin=20))
        inner.setMaximumWidth(WIDEST)
        self.setWidget(inner)
        self.show_progress("")  # only now: without a parent, a visible button is a window
        self._say_remark("")
        self.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def _cards(self) -> QGridLayout:
        images = column(
            text("Images", "heading"), self.bars, self._summary, row(self.manifest, None), None,
            gap=12, margin=20,
        )  # fmt: skip
        left_out = column(text("Left out", "heading"), self._left_out, None, gap=12, margin=20)
        verdicts = column(
            text("What the verdicts do", "heading"), row(self.perfect, self.cap, None), self._verdicts, None,
            gap=12, margin=20,
        )  # fmt: skip
        grid = QGridLayout()
        grid.setSpacing(16)
        grid.addWidget(frame(images), 0, 0)
        grid.addWidget(frame(left_out), 0, 1)
        grid.addWidget(frame(verdicts), 1, 0, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        return grid


def _list() -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    return made


def _fill(made: QWidget, counts: Mapping[str, int | None], nothing: str) -> None:
    grid = made.layout()
    if not isinstance(grid, QGridLayout):
        raise TypeError("a list of counts lies in a grid")
    while grid.count():
        item = grid.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
    if not counts:
        grid.addWidget(text(nothing, "muted", wrap=True), 0, 0)
    for at, (words, number) in enumerate(counts.items()):
        grid.addWidget(text(words, wrap=True), at, 0)
        grid.addWidget(text("" if number is None else f"{number:,}", "muted"), at, 1)
