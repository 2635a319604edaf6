"""The dialog that asks how labels are to be exported."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFileDialog, QFormLayout, QLineEdit, QWidget

from blasto_annotator.gui.widgets.basics import button, column, row, text

PLAIN = ""
FORMS = (
    ("A plain CSV file", PLAIN, "One file with the names as they are, for this laboratory's own use."),
    ("Signed table (CSV)", "csv", "A folder with labels.csv, a line a label."),
    ("Signed JSON", "json", "A folder with labels.json, the grading scheme beside the labels."),
    ("Signed COCO classification", "coco", "A folder with annotations.json and the images."),
    ("Signed ImageNet folders", "imagenet", "A folder a group, with the images that most graders put there."),
)
_SIGNED = "The project's key signs it: whoever gets it can see that nothing was changed since."


class ExportDialog(QDialog):
    """Emits path, form (empty for a plain file) and whether names are written, then closes."""

    wanted = Signal(str, str, bool)

    def __init__(self, parent: QWidget, place: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export labels")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(580)
        self._place = place
        self.form = QComboBox()
        for title, name, _ in FORMS:
            self.form.addItem(title, name)
        self.target = QLineEdit()
        self.hidden = QCheckBox("Codes instead of names; without notes and paths")
        self.hidden.setChecked(True)
        self.about = text("", "small", wrap=True)
        self.about.setMinimumHeight(40)
        self.export = button("Export", self._accept, role="primary")
        self.export.setDefault(True)
        fields = QFormLayout()
        fields.setSpacing(12)
        fields.addRow("Form", self.form)
        fields.addRow("To", row(self.target, button("Choose …", self._choose)))
        fields.addRow("", self.hidden)
        fields.addRow("", self.about)
        buttons = row(None, button("Cancel", self.close), self.export)
        self.setLayout(column(text("Export labels", "heading"), fields, buttons, gap=16, margin=24))
        self.target.textChanged.connect(lambda words: self.export.setEnabled(bool(words.strip())))
        self.form.currentIndexChanged.connect(self._show_form)
        self._show_form()

    def _show_form(self) -> None:
        signed = self.form.currentData() != PLAIN
        words = FORMS[self.form.currentIndex()][2]
        self.hidden.setVisible(signed)
        self.about.setText(f"{words} {_SIGNED}" if signed else words)
        self.target.setText(str(self._place / ("labels-export" if signed else "labels.csv")))
        self.target.setAccessibleName("Folder to make" if signed else "File to write")

    def _choose(self) -> None:
        if self.form.currentData() == PLAIN:
            kinds = "Comma-separated values (*.csv)"
            chosen, _ = QFileDialog.getSaveFileName(self, "Export labels", self.target.text(), kinds)
        else:
            place = QFileDialog.getExistingDirectory(self, "Folder to make it in", str(self._place))
            chosen = str(Path(place) / "labels-export") if place else ""
        if chosen:
            self.target.setText(chosen)

    def _accept(self) -> None:
        self.wanted.emit(
            self.target.text().strip(), str(self.form.currentData()), not self.hidden.isChecked()
        )
        self.close()
