"""Which frames come next: the kind of queue, its window of hours, and the ranking on request."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QWidget

from blasto_annotator.domain.queues import KINDS, QueueChoice
from blasto_annotator.gui.widgets.basics import button, column, row, text

WITH_WINDOW = ("one", "balance")
HIGHEST_HPI = 240.0


class QueueBar(QWidget):
    """Emits the choice; shows what the queue goes by."""

    chosen = Signal(object)
    rank_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kinds = QComboBox()
        self.kinds.setAccessibleName("Order of the queue")
        self.kinds.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for place, kind in enumerate(KINDS):
            self.kinds.addItem(kind.title, kind.name)
            self.kinds.setItemData(place, kind.sentence, Qt.ItemDataRole.ToolTipRole)
        self.low, self.high = _hours("Window's start"), _hours("Window's end")
        self.hours = QWidget()
        self.hours.setLayout(row(self.low, text("to"), self.high, text("h"), None, gap=4))
        self.rank = button("Rank the frames", self.rank_wanted.emit)
        self.rank.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.words = text("", "small", wrap=True)
        self.setLayout(column(self.kinds, self.hours, self.rank, self.words, gap=6))
        self.kinds.currentIndexChanged.connect(lambda _: self._emit())
        self.low.valueChanged.connect(lambda _: self._emit())
        self.high.valueChanged.connect(lambda _: self._emit())
        self.show_choice(QueueChoice())

    @property
    def choice(self) -> QueueChoice:
        """What is chosen."""
        low, high = sorted((self.low.value(), self.high.value()))
        return QueueChoice(str(self.kinds.currentData()), low, high)

    def show_choice(self, choice: QueueChoice) -> None:
        """Shows a choice without emitting it."""
        for widget in (self.kinds, self.low, self.high):
            widget.blockSignals(True)
        self.kinds.setCurrentIndex(self.kinds.findData(choice.name))
        self.low.setValue(choice.low)
        self.high.setValue(choice.high)
        for widget in (self.kinds, self.low, self.high):
            widget.blockSignals(False)
        self._dress()

    def say(self, words: str) -> None:
        """What the queue brought, or why it brings nothing."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _emit(self) -> None:
        self._dress()
        self.chosen.emit(self.choice)

    def _dress(self) -> None:
        name = self.choice.name
        self.hours.setVisible(name in WITH_WINDOW)
        self.rank.setVisible(name in ("uncertain", "balance"))
        self.say("" if name == "time" else self.choice.kind.brief)
        self.kinds.setToolTip(self.choice.kind.sentence)


def _hours(name: str) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(0.0, HIGHEST_HPI)
    made.setDecimals(1)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return made
