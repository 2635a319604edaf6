"""The dialog that asks for a new project's name, place, grading scheme and where its labels are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QFormLayout, QLineEdit, QWidget

from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.widgets.basics import button, column, restyle, row, text
from blasto_annotator.store.location import parse_url
from blasto_annotator.store.schemes import load_scheme, scheme_names

HERE, SERVER, JOIN = range(3)
KEPT = (
    "On this computer, for one seat",
    "On a PostgreSQL server, for several seats",
    "Join a project that is on a server",
)
_EXAMPLE = "postgresql+psycopg://you@lab-server/embryos"
_ABOUT = {
    HERE: "",
    SERVER: "Name an empty database. Frames, labels and reviews go there; snapshots, runs and batches stay "
    "in this folder. A password is not stored: PostgreSQL's own password file gives it.",
    JOIN: "Name the database of the project. Its frames and labels are shared; this folder keeps your own "
    "snapshots, runs and batches.",
}


@dataclass(frozen=True)
class NewProject:
    """What was asked for."""

    folder: Path
    name: str
    scheme: str
    database: str = ""
    """Address of a PostgreSQL database; empty for a file in the folder."""
    joins: bool = False
    """Whether the project is in the database already."""


class NewProjectDialog(QDialog):
    """Emits what is wanted, then closes."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget, place: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(600)
        self.name = QLineEdit("Blastocysts")
        self.place = QLineEdit(str(place))
        self.scheme = QComboBox()
        for name in scheme_names():
            self.scheme.addItem(load_scheme(name).title, name)
        self.kept = QComboBox()
        self.kept.addItems(KEPT)
        self.database = QLineEdit(placeholderText=_EXAMPLE)
        self._about = text("", "small", wrap=True)
        self._where = text("", "small", wrap=True)
        self._create = button("Create project", self._accept, role="primary")
        self._lay_out()
        for field in (self.name, self.place, self.database):
            field.textChanged.connect(self._show_where)
        self.kept.currentIndexChanged.connect(self._show_kept)
        self._show_kept()
        self.name.selectAll()

    @property
    def folder(self) -> Path:
        """The folder that will be made."""
        return Path(self.place.text()).expanduser() / folder_name(self.name.text())

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        self._form.setSpacing(12)
        self._form.addRow("Name", self.name)
        self._form.addRow("Place", row(self.place, button("Choose …", self._choose)))
        self._form.addRow("Grading scheme", self.scheme)
        self._form.addRow("Labels are kept", self.kept)
        self._form.addRow("Database", self.database)
        self._form.addRow("", self._about)
        self._form.addRow("", self._where)
        cancel = button("Cancel", self.close)
        heading = text("New project", "heading")
        self.setLayout(column(heading, self._form, row(None, cancel, self._create), gap=16, margin=24))
        self._create.setDefault(True)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Place of the project", self.place.text())
        if chosen:
            self.place.setText(chosen)

    def _show_kept(self) -> None:
        way = self.kept.currentIndex()
        self._form.setRowVisible(self.database, way != HERE)
        self._form.setRowVisible(self._about, way != HERE)
        self._form.setRowVisible(self.scheme, way != JOIN)
        self._about.setText(_ABOUT[way])
        self._create.setText("Join project" if way == JOIN else "Create project")
        self._show_where()
        self.adjustSize()

    def _show_where(self) -> None:
        obstacle = self._obstacle()
        self._create.setEnabled(not obstacle)
        restyle(self._where, "warning" if obstacle and self.database.text() else "small")
        self._where.setText(obstacle or f"Makes the folder {self.folder}")

    def _obstacle(self) -> str:
        if not (folder_name(self.name.text()) and self.place.text().strip()):
            return "Give the project a name."
        if self.kept.currentIndex() == HERE:
            return ""
        if not self.database.text().strip():
            return "Give the address of the database."
        try:
            parse_url(self.database.text())
        except UserError as error:
            return str(error)
        return ""

    def _accept(self) -> None:
        way = self.kept.currentIndex()
        database = "" if way == HERE else self.database.text().strip()
        scheme = str(self.scheme.currentData())
        self.wanted.emit(NewProject(self.folder, self.name.text().strip(), scheme, database, way == JOIN))
        self.close()


def folder_name(name: str) -> str:
    """A project's name as a folder's name that every file system takes."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f]', "-", name).strip(" .")
