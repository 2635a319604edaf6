"""What comes after a training: a batch for review, and the decision which model is in use."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from blasto_annotator.gui.widgets.basics import button, column, restyle, row, text
from blasto_annotator.gui.widgets.spins import spin

PER_CLASS = 20


class AfterCard(QFrame):
    """Shown for a run with a checkpoint that is not training."""

    generate_pressed = Signal(int)
    """Images a class."""
    cancel_pressed = Signal()
    promote_pressed = Signal()
    review_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.per_class = spin("Images of each class", 1, 5000)
        self.per_class.setValue(PER_CLASS)
        self.per_class.setFixedWidth(84)
        self.generate = button("Generate a review batch", self._generate, role="primary")
        self.review = button("Review the new batch", self.review_pressed.emit, role="primary")
        self.review.hide()
        self.cancel = button("Cancel", self.cancel_pressed.emit)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Images generated")
        self._count = text("", "muted")
        self.promote = button("Use this model", self.promote_pressed.emit, icon_name="check")
        self.promote.setToolTip("The next training starts from it. You can change this at any time.")
        self._in_use = text("", "muted")
        self._compared = text("", "small", wrap=True)
        self._compared.hide()
        self._build()
        self.show_progress(None)

    def show_model(self, *, in_use: bool, other: str, compared: str = "") -> None:
        """Whether this run's newest model is the one in use, which is otherwise, and how they compare."""
        self._compared.setText(compared)
        self._compared.setVisible(bool(compared))
        self.promote.setVisible(not in_use)
        said = (
            "✓ This model is in use" if in_use else f"In use: {other}" if other else "No model is in use yet"
        )
        self._in_use.setText(said)

    def show_ready(self, ready: bool) -> None:
        """Whether a batch was just made and waits for review."""
        self.review.setVisible(ready)
        restyle(self.generate, "" if ready else "primary")

    def show_progress(self, done: tuple[int, int] | None) -> None:
        """Images generated and images in all; None while nothing is generated."""
        busy = done is not None
        for widget in (self._progress, self._count, self.cancel):
            widget.setVisible(busy)
        self.generate.setVisible(not busy)
        self.per_class.setEnabled(not busy)
        if done is not None:
            self._progress.setMaximum(max(done[1], 1))
            self._progress.setValue(done[0])
            self._count.setText(f"{done[0]} of {done[1]} images" if done[1] else "Loading the model…")

    def _generate(self) -> None:
        self.generate_pressed.emit(self.per_class.value())

    def _build(self) -> None:
        self._progress.setFixedWidth(160)
        label = text("Images per class")
        label.setBuddy(self.per_class)
        left = row(
            label, self.per_class, self.generate, self.review, self._progress, self._count, self.cancel
        )
        self.setLayout(column(row(left, None, self._in_use, self.promote), self._compared, margin=14))
