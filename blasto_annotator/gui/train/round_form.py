"""What a round is to bring: images to review, who reviews, in which order, and a trial of the reward."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from blasto_annotator.gui.train.choices import Choices
from blasto_annotator.gui.widgets.basics import column
from blasto_annotator.gui.widgets.spins import spin

TEACH_TIP = (
    "Generates four times as many images and reviews those of which the expert scorer is least sure. "
    "Such a review counts no share of the generator's images."
)
REWARD_TIP = (
    "Trains the generator towards what the expert scorer expects you to call perfect, beside a control "
    "without that: same start, same seed, same length. You then review images of both, blind."
)


class RoundForm(QWidget):
    """Holds the round's part of `Choices`; says when it changed. Its fields stand in the drawer's grid."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.per_class = spin("Images of each class to review", 1, 1000)
        self.readers = QLineEdit()
        self.teach = QCheckBox("Review what teaches the expert scorer most")
        self.reward = QCheckBox("Train towards the expert scorer, with a control beside it: twice the time")
        self._grader = ""
        self._build()
        self._connect()

    def take_readers(self, readers: tuple[str, ...]) -> None:
        """Who reviews unless somebody else is named."""
        self.readers.setPlaceholderText(", ".join(readers) or "nobody has reviewed yet: name somebody")

    def reset(self) -> None:
        """Nothing chosen yet, as for another project."""
        self.per_class.setValue(Choices().per_class)
        self.readers.clear()
        self.teach.setChecked(False)
        self.reward.setChecked(False)

    def into(self, choices: Choices) -> Choices:
        """These choices with the round's."""
        names = (name.strip() for name in self.readers.text().split(","))
        return replace(
            choices,
            per_class=self.per_class.value(),
            readers=tuple(filter(None, names)),
            teach=self.teach.isChecked(),
            reward=self.reward.isChecked(),
        )

    def _exclude(self) -> None:
        """A comparison needs images drawn by chance."""
        self.teach.setEnabled(not self.reward.isChecked())
        self.reward.setEnabled(not self.teach.isChecked())
        self.changed.emit()

    def _connect(self) -> None:
        self.per_class.valueChanged.connect(lambda _: self.changed.emit())
        self.readers.textChanged.connect(lambda _: self.changed.emit())
        for box in (self.teach, self.reward):
            box.toggled.connect(lambda _: self._exclude())

    def _build(self) -> None:
        self.per_class.setValue(Choices().per_class)
        self.readers.setAccessibleName("Who reviews; several names with commas")
        self.teach.setToolTip(TEACH_TIP)
        self.reward.setToolTip(REWARD_TIP)
        self.setLayout(column(self.teach, self.reward, gap=8))
