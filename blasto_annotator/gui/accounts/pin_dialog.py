"""Asks for a PIN, or for a new one twice."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.graders import checked_pin
from blasto_annotator.gui.background import report_error
from blasto_annotator.gui.widgets.basics import button, column, row, text

FORGOTTEN = (
    "Forgotten? A grader who may adjudicate sets a new one (Edit, Graders); so does whoever has the "
    "project’s folder, in a terminal: blasto-annotator graders pin"
)


class PinDialog(QDialog):
    """Emits what was typed; stays open until it is closed from outside or given up."""

    typed = Signal(str)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("PIN")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(360)
        self.field = _pin_field(f"PIN of {name}")
        self.answer = text("", "danger", wrap=True)
        self.answer.hide()
        self.forgotten = text(FORGOTTEN, "small", wrap=True)
        self.forgotten.hide()
        self.go_on = button("Continue", self._accept, role="primary")
        self.go_on.setEnabled(False)
        self.field.textChanged.connect(lambda words: self.go_on.setEnabled(bool(words)))
        self.go_on.setDefault(True)
        cancel = button("Cancel", self.close)
        words = text("The PIN keeps others from grading under this name.", "small", wrap=True)
        self.setLayout(
            column(
                text(f"PIN of {name}", "heading"), words, self.field, self.answer,
                self.forgotten, row(None, cancel, self.go_on), gap=12, margin=20,
            )
        )  # fmt: skip

    def refuse(self, error: Exception) -> None:
        """Says why the PIN was not taken."""
        if not isinstance(error, UserError):
            report_error(self, error)
            return
        self.answer.setText(str(error))
        self.answer.show()
        self.forgotten.show()
        QTimer.singleShot(0, self, self.adjustSize)
        self.field.setReadOnly(False)
        self.field.clear()
        self.field.setFocus()

    def _accept(self) -> None:
        self.go_on.setEnabled(False)
        self.field.setReadOnly(True)
        self.typed.emit(self.field.text())


class NewPinDialog(QDialog):
    """Emits a new PIN that was typed twice; an empty one takes the PIN away."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, name: str, has_pin: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("New PIN")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(380)
        self.first, self.second = _pin_field("New PIN"), _pin_field("The same once more")
        self.first.setPlaceholderText("New PIN, 4 characters or more")
        self.second.setPlaceholderText("Once more")
        self.answer = text("", "warning", wrap=True)
        self.save = button("Save PIN", self._save, role="primary")
        self.save.setDefault(True)
        for field in (self.first, self.second):
            field.textChanged.connect(self._look)
        remove = button("Take the PIN away", lambda: self._done(""))
        remove.setVisible(has_pin)
        words = text(f"Whoever wants to grade as {name} is asked for it.", "small", wrap=True)
        self.setLayout(
            column(
                text(f"New PIN of {name}", "heading"), words, self.first, self.second, self.answer,
                row(remove, None, button("Cancel", self.close), self.save), gap=12, margin=20,
            )
        )  # fmt: skip
        self._look()

    def _look(self) -> None:
        words = self._obstacle()
        self.answer.setText(words)
        self.save.setEnabled(not words and bool(self.first.text()))

    def _obstacle(self) -> str:
        if not self.first.text():
            return ""
        try:
            checked_pin(self.first.text())
        except UserError as error:
            return str(error)
        if not self.second.text():
            return "Type it once more."
        return "" if self.first.text() == self.second.text() else "The two are not the same."

    def _save(self) -> None:
        self._done(self.first.text())

    def _done(self, pin: str) -> None:
        self.chosen.emit(pin)
        self.close()


def _pin_field(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setAccessibleName(name)
    return made
