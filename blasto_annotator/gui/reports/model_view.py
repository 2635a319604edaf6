"""A model on screen: its card, its samples beside those of the model in use, and the decision to use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

from blasto_annotator.gui.widgets.basics import button, column, frame, row, text
from blasto_annotator.gui.widgets.evidence import evidence_card
from blasto_annotator.reports.evidence import Evidence
from blasto_annotator.reports.model_card import model_card
from blasto_annotator.reports.promotion import promotion_words
from blasto_annotator.store import Project
from blasto_annotator.training.models import current_model

SAMPLES = QSize(392, 300)


@dataclass(frozen=True)
class ModelFacts:
    """All that is shown of a model."""

    card: Evidence
    in_use: bool
    compared: str
    """With the model in use, blind."""
    samples: QImage | None
    """Its newest grid."""
    other: QImage | None
    """That of the model in use, where it is another."""


def read_model(project: Project, checkpoint: Path) -> ModelFacts:
    """Reads files and the database: not for the GUI thread."""
    current = current_model(project)
    in_use = current is not None and current.resolve() == checkpoint.resolve()
    other = None if in_use or current is None else _samples(current)
    compared = promotion_words(project, checkpoint)
    return ModelFacts(model_card(project, checkpoint), in_use, compared, _samples(checkpoint), other)


class ModelView(QScrollArea):
    """Shows `ModelFacts`."""

    use_pressed = Signal()

    def __init__(self, facts: ModelFacts) -> None:
        super().__init__()
        self.use = button("Use this model", self.use_pressed.emit, role="primary")
        self.use.setVisible(not facts.in_use)
        self.use.setToolTip("The next training starts from it. You can go back at any time.")
        said = text("This model is in use." if facts.in_use else facts.compared, wrap=True)
        inner = QWidget()
        inner.setProperty("role", "plain")
        decision = frame(column(said, row(self.use, None), gap=12, margin=20))
        inner.setLayout(
            column(decision, _pictures(facts), evidence_card(facts.card), None, gap=16, margin=24)
        )
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)


def _samples(checkpoint: Path) -> QImage | None:
    """The newest grid of the checkpoint's run; runs of one seed show the same latents."""
    found = sorted((checkpoint.parent.parent / "samples").glob("*.png"))
    return QImage(str(found[-1])) if found else None


def _pictures(facts: ModelFacts) -> QFrame:
    pairs = (("This model", facts.samples), ("The model in use", facts.other))
    shown = [column(text(title, "section"), _picture(image, title), gap=6) for title, image in pairs if image]
    return frame(column(text("Samples", "heading"), row(*shown, None, gap=24), gap=12, margin=20))


def _picture(image: QImage, title: str) -> QLabel:
    made = QLabel()
    made.setAccessibleName(f"Samples: {title}")
    way = (Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    made.setPixmap(QPixmap.fromImage(image.scaled(SAMPLES, *way)))
    return made
