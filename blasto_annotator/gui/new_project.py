"""The dialog that asks for a new project's name, place and grading scheme."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QFormLayout, QLineEdit, QWidget

from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.store.schemes import load_scheme, scheme_names


class NewProjectDialog(QDialog):
    """Emits folder, name and scheme, then closes."""

    wanted = Signal(str, str, str)

    def __init__(self, parent: QWidget, place: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self.name = QLineEdit("Blastocysts")
        self.place = QLineEdit(str(place))
        self.scheme = QComboBox()
        for name in scheme_names():
            self.scheme.addItem(load_scheme(name).title, name)
        self._where = text("", "small", wrap=True)
        self._create = button("Create project", self._accept, role="primary")
        self._lay_out()
        for field in (self.name, self.place):
            field.textChanged.connect(self._show_where)
        self._show_where()
        self.name.selectAll()

    @property
    def folder(self) -> Path:
        """The folder that will be made."""
        return Path(self.place.text()).expanduser() / folder_name(self.name.text())

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(12)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.addRow("Name", self.name)
        form.addRow("Place", row(self.place, button("Choose …", self._choose)))
        form.addRow("Grading scheme", self.scheme)
        form.addRow("", self._where)
        cancel = button("Cancel", self.close)
        heading = text("New project", "heading")
        self.setLayout(column(heading, form, row(None, cancel, self._create), gap=16, margin=24))
        self._create.setDefault(True)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Place of the project", self.place.text())
        if chosen:
            self.place.setText(chosen)

    def _show_where(self) -> None:
        ready = bool(folder_name(self.name.text()) and self.place.text().strip())
        self._create.setEnabled(ready)
        self._where.setText(f"Makes the folder {self.folder}" if ready else "Give the project a name.")

    def _accept(self) -> None:
        self.wanted.emit(str(self.folder), self.name.text().strip(), self.scheme.currentData())
        self.close()


def folder_name(name: str) -> str:
    """A project's name as a folder's name that every file system takes."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f]', "-", name).strip(" .")
