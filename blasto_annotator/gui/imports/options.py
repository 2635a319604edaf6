"""What a person may say about an import beside the layout: where the files go, what a film's frames are."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from blasto_annotator.gui.widgets.basics import row, text

FIELD_WIDTH = 84


class FilesChoice(QComboBox):
    """Whether the files stay or the project keeps copies."""

    def __init__(self) -> None:
        super().__init__()
        self.addItem("Stay where they are", "")
        self.addItem("Copy into the project (it can then be moved as a whole)", "copy")
        self.setAccessibleName("Where the files go")

    def options(self) -> Mapping[str, str]:
        """As the import takes them."""
        return {"files": "copy"} if self.currentData() else {}


class FilmChoice(QWidget):
    """Times and planes of videos and stacks, where they do not say themselves."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pages = QComboBox()
        for title, value in (
            ("Pages as the file says", "recognised"),
            ("Pages are times", "times"),
            ("Pages are planes", "planes"),
        ):
            self.pages.addItem(title, value)
        self.pages.setAccessibleName("What the pages of a stack are")
        self.fields = {
            "plane_step": _field("µm between planes", "Micrometres between the planes of a stack"),
            "first_hpi": _field("first hpi", "Hours post insemination of the first frame"),
            "frame_hours": _field("hours a frame", "Hours from one frame to the next, such as 0.25"),
        }
        self.setLayout(self._lay_out())
        self.pages.activated.connect(lambda _: self.changed.emit())
        for field in self.fields.values():
            field.textEdited.connect(lambda _: self.changed.emit())

    def options(self) -> Mapping[str, str]:
        """As the import takes them; what was left empty is left out."""
        said = {name: field.text().strip() for name, field in self.fields.items()}
        pages = self.pages.currentData()
        chosen = {name: value for name, value in said.items() if value}
        return chosen if pages == "recognised" else {**chosen, "pages": pages}

    def _lay_out(self) -> QHBoxLayout:
        first, step, planes = (self.fields[name] for name in ("first_hpi", "frame_hours", "plane_step"))
        words = ("First frame", "hpi, then", "h a frame;", "planes", "µm apart")
        labels = [text(word, "small") for word in words]
        return row(
            self.pages, 8, labels[0], first, labels[1], step, labels[2], labels[3], planes, labels[4], None,
            gap=6,
        )  # fmt: skip


def _field(name: str, tip: str) -> QLineEdit:
    made = QLineEdit()
    made.setFixedWidth(FIELD_WIDTH - 20)
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    made.setToolTip(tip)
    made.setAccessibleName(name)
    return made
