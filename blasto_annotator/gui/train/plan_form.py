"""The choices of the next training: preset, length, device, start; and a drawer for the rest."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QToolButton, QWidget

from blasto_annotator.domain.grades import EXPANSIONS
from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.train.choices import AUTO_START, FROM_SCRATCH, Choices
from blasto_annotator.gui.train.round_form import RoundForm
from blasto_annotator.gui.widgets.basics import column, row
from blasto_annotator.gui.widgets.spins import decimal_spin, spin
from blasto_annotator.training.presets import Preset

LABEL_WIDTH = 112
LIST_EDGES = 36
"""Beside the words of a list that opens: its padding and its scroll bar."""
THIN_TIP = "Frames of one embryo that are nearer than this hash distance count as the same; 0 keeps all"
LABELS = (
    ("Adjudicated, else majority", "adjudicated"),
    ("Majority", "majority"),
    ("One-coin model", "one-coin"),
    ("Dawid and Skene's model", "dawid-skene"),
)
"""Whose word counts where several people graded; single graders follow."""
SEED_TIP = "Decides which embryos go to which split, and the training's chance"


def fill_presets(combo: QComboBox, presets: list[Preset]) -> None:
    """Everyday presets first, the others under the headings of their groups."""
    combo.clear()
    for group in dict.fromkeys(sorted(preset.group for preset in presets)):
        if group:
            combo.insertSeparator(combo.count())
            combo.addItem(group)
            model = combo.model()
            assert isinstance(model, QStandardItemModel)  # noqa: S101 - a combo box's own
            model.item(combo.count() - 1).setEnabled(False)
        for preset in (preset for preset in presets if preset.group == group):
            combo.addItem(preset.title, preset.name)
            combo.setItemData(combo.count() - 1, preset.description, Qt.ItemDataRole.ToolTipRole)
    combo.view().setMinimumWidth(combo.view().sizeHintForColumn(0) + LIST_EDGES)


class PlanForm(QWidget):
    """Holds a `Choices`; says when it changed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.preset = _combo("Preset")
        self.kimg = decimal_spin("Length in kimg", 0.1, 100_000, "Thousands of images shown to the networks")
        self.device = _combo("Device")
        self.start = _combo("Start from")
        self.grader = _combo("Labels of")
        self.thin = spin("Thinning distance", 0, 32, THIN_TIP)
        self.seed = spin("Seed", 0, 2_000_000_000, SEED_TIP)
        self.expansions = {number: _toggle(str(number)) for number in EXPANSIONS}
        self.round = RoundForm()
        self.drawer = QWidget()
        self.more = QToolButton()
        self._presets: dict[str, Preset] = {}
        self._build()
        self._connect()

    def fill(self, presets: list[Preset], chosen: str, expansions: tuple[int, ...]) -> None:
        """The presets to choose from, and the scheme's expansions."""
        self._presets = {preset.name: preset for preset in presets}
        with QSignalBlocker(self.preset):
            fill_presets(self.preset, presets)
            self.preset.setCurrentIndex(max(0, self.preset.findData(chosen)))
        for number, made in self.expansions.items():
            with QSignalBlocker(made):
                made.setChecked(number in expansions)
        self._take_goal()

    def fill_devices(self, auto: str, names: list[str]) -> None:
        """What `auto` means on this machine, and what else there is."""
        _refill(self.device, [(f"Automatic: {auto}", "auto"), *((name, name) for name in names)])

    def fill_starts(self, models: list[tuple[str, str]]) -> None:
        """Models to start from, as title and checkpoint."""
        fixed = [("The model in use, or the newest", AUTO_START), ("From scratch", FROM_SCRATCH)]
        _refill(self.start, [*fixed, *models])

    def fill_graders(self, graders: list[str]) -> None:
        """Whose labels count."""
        _refill(self.grader, [*LABELS, *((name, f"grader:{name}") for name in graders)])

    def choices(self) -> Choices:
        """As the form stands; the verdicts' choices are the page's."""
        preset = self._presets.get(str(self.preset.currentData()))
        goal = round(self.kimg.value(), 1)
        chosen = Choices(
            preset=str(self.preset.currentData() or ""),
            kimg=None if preset is None or goal == preset.goal_kimg else goal,
            device=str(self.device.currentData() or "auto"),
            start=str(self.start.currentData() or ""),
            expansions=tuple(n for n, made in self.expansions.items() if made.isChecked()),
            thin_distance=self.thin.value(),
            labels_by=str(self.grader.currentData() or LABELS[0][1]),
            seed=self.seed.value(),
        )
        return self.round.into(chosen)

    def reset(self) -> None:
        """As nobody has chosen anything yet, but for the presets and expansions that `fill` brings."""
        for combo in (self.device, self.start, self.grader):
            combo.setCurrentIndex(0)
        self.thin.setValue(Choices().thin_distance)
        self.seed.setValue(Choices().seed)
        self.round.reset()

    def start_from(self, checkpoint: str) -> None:
        """Chooses a model to start from, where it is listed."""
        self.start.setCurrentIndex(max(0, self.start.findData(checkpoint)))

    def _take_goal(self) -> None:
        preset = self._presets.get(str(self.preset.currentData()))
        if preset is not None:
            with QSignalBlocker(self.kimg):
                self.kimg.setValue(preset.goal_kimg)

    def _preset_chosen(self) -> None:
        self._take_goal()
        self.changed.emit()

    def _connect(self) -> None:
        self.preset.currentIndexChanged.connect(lambda _: self._preset_chosen())
        for combo in (self.device, self.start, self.grader):
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        for box in (self.thin, self.seed):
            box.valueChanged.connect(lambda _: self.changed.emit())
        self.kimg.valueChanged.connect(lambda _: self.changed.emit())
        for made in self.expansions.values():
            made.toggled.connect(lambda _: self.changed.emit())
        self.round.changed.connect(self.changed)
        self.more.toggled.connect(self._open_drawer)

    def _open_drawer(self, opened: bool) -> None:
        self.drawer.setVisible(opened)
        self.more.setIcon(icon("chevron-up" if opened else "chevron-down"))

    def _build(self) -> None:
        self.thin.setValue(Choices().thin_distance)
        self.more.setText("More choices")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fill_devices("the fastest", [])
        self.fill_starts([])
        self.fill_graders([])
        basic = _grid(
            (("Preset", self.preset), ("Length, kimg", self.kimg)),
            (("Device", self.device), ("Start from", self.start)),
        )
        expansions = QWidget()
        expansions.setLayout(row(*self.expansions.values(), None, gap=4))
        fields = _grid(
            (("Expansions", expansions), ("Labels of", self.grader)),
            (("Thinning distance", self.thin), ("Seed", self.seed)),
            (("Review per class", self.round.per_class), ("Who reviews", self.round.readers)),
        )
        self.drawer.setLayout(column(fields, 4, self.round, gap=8))
        self._open_drawer(False)
        self.setLayout(column(basic, row(self.more, None), self.drawer, gap=8))


def _combo(name: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(9)
    return made


def _toggle(words: str) -> QToolButton:
    made = QToolButton()
    made.setText(words)
    made.setCheckable(True)
    made.setAccessibleName(f"Expansion {words}")
    made.setMinimumWidth(30)
    return made


def _refill(combo: QComboBox, entries: list[tuple[str, str]]) -> None:
    """Other entries; what was chosen stays chosen where it still is there."""
    chosen = combo.currentData()
    with QSignalBlocker(combo):
        combo.clear()
        for title, value in entries:
            combo.addItem(title, value)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))


def _grid(*rows: tuple[tuple[str, QWidget], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(10)
    grid.setColumnMinimumWidth(0, LABEL_WIDTH)
    grid.setColumnMinimumWidth(2, LABEL_WIDTH)
    for down, fields in enumerate(rows):
        for across, (words, field) in enumerate(fields):
            label = QLabel(words)
            label.setBuddy(field)
            grid.addWidget(label, down, 2 * across)
            grid.addWidget(field, down, 2 * across + 1)
            grid.setColumnStretch(2 * across + 1, 1)
    return grid
