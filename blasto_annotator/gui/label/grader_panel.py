"""Asks once a session who grades. Names given before are one click away, or Tab and Space."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from blasto_annotator.gui.widgets.basics import button, clear, column, text

SHOWN = 5
QUESTIONS = {
    True: (
        "Who is grading?",
        "Your labels are kept under this name. What others said stays hidden until you have graded.",
        "Start labelling",
    ),
    False: ("Whose labels?", "This project is open for reading only: no label is kept.", "Show labels"),
}
"""What is asked, why, and the button, by whether the project keeps labels."""


class GraderPanel(QWidget):
    """Emits the name."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit(placeholderText="Your name or initials")
        self.field.setAccessibleName("Grader's name")
        self.start = button("", self._accept, role="primary")
        self.start.setEnabled(False)
        names = QWidget()
        self._names = column(gap=4)
        names.setLayout(self._names)
        self.field.textChanged.connect(lambda words: self.start.setEnabled(bool(words.strip())))
        self.field.returnPressed.connect(self._accept)
        self.question, self.words = text("", "heading"), text("", "small", wrap=True)
        self.first = text("Say who grades first.", "warning")
        """Shown once somebody grades before that."""
        self.setLayout(column(self.question, self.words, self.first, self.field, self.start, names, gap=10))
        self.show_names([])

    def show_names(self, names: list[str], keeps: bool = True) -> None:
        """Names of earlier sessions; `keeps`: whether the project can be written."""
        question, words, start = QUESTIONS[keeps]
        self.question.setText(question)
        self.words.setText(words)
        self.first.hide()
        self.start.setText(start)
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
