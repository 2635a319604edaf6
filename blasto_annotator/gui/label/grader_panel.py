"""Asks once a session who grades. Names given before are one click away, or Tab and Space."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from blasto_annotator.gui.widgets.basics import button, clear, column, text

SHOWN = 5


class GraderPanel(QWidget):
    """Emits the name."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit(placeholderText="Your name or initials")
        self.field.setAccessibleName("Grader's name")
        self.start = button("Start labelling", self._accept, role="primary")
        self.start.setEnabled(False)
        names = QWidget()
        self._names = column(gap=4)
        names.setLayout(self._names)
        self.field.textChanged.connect(lambda words: self.start.setEnabled(bool(words.strip())))
        self.field.returnPressed.connect(self._accept)
        words = text(
            "Your labels are kept under this name. What others said stays hidden until you have graded.",
            "small",
            wrap=True,
        )
        self.setLayout(
            column(text("Who is grading?", "heading"), words, self.field, self.start, names, gap=10)
        )

    def show_names(self, names: list[str]) -> None:
        """Names of earlier sessions."""
        clear(self._names)
        if names:
            self._names.addWidget(text("Or go on as", "section"))
        before: QWidget = self.start
        for name in names[:SHOWN]:
            made = button(name, partial(self.named.emit, name), icon_name="user")
            self._names.addWidget(made)
            self.setTabOrder(before, made)
            before = made

    def _accept(self) -> None:
        name = self.field.text().strip()
        if name:
            self.field.clear()
            self.named.emit(name)
