"""First step of an import: the folder, its layout with the reason, and how the first names are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QFormLayout, QLabel, QLineEdit, QWidget

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.imports.options import FilesChoice, FilmChoice
from blasto_annotator.gui.imports.preview import PreviewTable
from blasto_annotator.gui.widgets.basics import button, column, restyle, row, text

FILMS = "films"
FILM_FILES = "Videos and stacks (*.avi *.mp4 *.m4v *.mov *.mkv *.webm *.mpg *.mpeg *.wmv *.tif *.tiff)"
SHOWN = 60
"""Names in the preview."""
TYPING_MS = 300
PATTERN_HELP = (
    "Regular expression over the path below the folder, with the groups "
    "(?P<embryo>…), plane, frame, hpi, grade, well, couple. Empty: folders or names tell the embryo."
)


@dataclass(frozen=True)
class Choice:
    """What to import, and how."""

    root: Path
    layout: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recognised:
    """A folder's layout and the first of what it holds."""

    layout: str
    reason: str
    entries: Sequence[ImportedFrame | RejectedFile]
    remarks: Sequence[str] = ()
    """What to look at before anything is imported."""


class ChooseView(QWidget):
    """Emits a `Choice`. Everything it reads, it reads in the background."""

    wanted = Signal(object)
    cancelled = Signal()

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place
        self._asked = 0
        self.folder = QLineEdit(placeholderText="The folder that holds the frames, or a video; drop it here")
        self.files = FilesChoice()
        self.film = FilmChoice()
        self.layout_box = QComboBox()
        self.reason = text("", "small", wrap=True)
        self.pattern = QLineEdit(placeholderText="Read the names by common sense")
        self.pattern.setToolTip(PATTERN_HELP)
        self.presets = QComboBox()
        self.table = PreviewTable()
        self.words = text("", "muted", wrap=True)
        self.start = button("Import", self._accept, role="primary")
        self._timer = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._fill_boxes()
        self._lay_out()
        self._connect()
        self.begin()

    def begin(self) -> None:
        """For another folder."""
        self.folder.clear()
        self.table.show_entries([])
        self.reason.clear()
        self.layout_box.setPlaceholderText("Recognised from the folder")
        self.layout_box.setCurrentIndex(-1)
        self._show_pattern()
        self._allow(False)
        self.say("Choose a folder or a video, or drop one here. Nothing is changed in it.", "muted")

    def set_folder(self, folder: Path) -> None:
        """Looks at a folder and recognises its layout."""
        self.folder.setText(str(folder))
        self._recognise()

    def say(self, words: str, role: str = "muted") -> None:
        """A sentence below the table."""
        self.words.setText(words)
        restyle(self.words, role)

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        layout = self.layout_box.currentData()
        pattern = self.pattern.text().strip()
        options = {"pattern": pattern} if layout == "folder" and pattern else {}
        more = self.film.options() if layout == FILMS else self.files.options()
        return Choice(Path(self.folder.text().strip()).expanduser(), layout, {**options, **more})

    def _fill_boxes(self) -> None:
        from blasto_annotator.importers.patterns import load_preset, preset_names
        from blasto_annotator.importers.registry import IMPORTERS

        for importer in IMPORTERS:
            self.layout_box.addItem(importer.title, importer.name)
        self.presets.addItem("Start from …", "")
        for name in preset_names():
            preset = load_preset(name)
            self.presets.addItem(preset.title, preset.pattern)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(10)
        names = text("Name pattern")
        video = button("Video …", self._choose_file)
        form.addRow(_label("Folder", names), row(self.folder, button("Choose …", self._choose), video))
        form.addRow("Layout", column(self.layout_box, self.reason, gap=4))
        self.pattern_row = QWidget()
        self.pattern_row.setLayout(row(self.pattern, self.presets))
        form.addRow(names, self.pattern_row)
        form.addRow("Times", self.film)
        form.addRow("Files", self.files)
        self._form = form
        cancel = button("Cancel", self.cancelled.emit)
        foot = row(self.words, cancel, self.start, gap=10)
        foot.setStretch(0, 1)
        heading = text("Import frames", "heading")
        self.setLayout(
            column(heading, form, text("How the first names are read", "section"), self.table, foot, gap=12)
        )

    def _connect(self) -> None:
        self.folder.returnPressed.connect(self._enter)
        self.folder.editingFinished.connect(self._recognise_changed)
        self.layout_box.activated.connect(lambda _: self._layout_chosen())
        self.pattern.textChanged.connect(lambda _: self._timer.start())
        self.presets.activated.connect(self._take_preset)
        self.film.changed.connect(self._timer.start)
        self._timer.timeout.connect(self._preview)
        self._seen = ""

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of frames", str(self._place))
        if chosen:
            self._place = Path(chosen).parent
            self.set_folder(Path(chosen))

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "A video or a stack", str(self._place), FILM_FILES)
        if chosen:
            self._place = Path(chosen).parent
            self.set_folder(Path(chosen))

    def _enter(self) -> None:
        """Enter reads the folder; once more, it imports."""
        if self.start.isEnabled() and self.folder.text().strip() == self._seen:
            self._accept()

    def _recognise_changed(self) -> None:
        if self.folder.text().strip() != self._seen:
            self._recognise()

    def _recognise(self) -> None:
        self._seen = self.folder.text().strip()
        if not self._seen:
            return
        root, options = self.choice.root, self.choice.options
        self._begin_reading()
        number = self._asked
        run_op(
            self, lambda: recognise_folder(root, options),
            lambda found: self._show(number, found), lambda error: self._fail(number, error), serial=False,
        )  # fmt: skip

    def _preview(self) -> None:
        choice = self.choice
        if not self.folder.text().strip():
            return
        self._begin_reading()
        number = self._asked
        run_op(
            self, lambda: read_folder(choice, self.reason.text()),
            lambda found: self._show(number, found), lambda error: self._fail(number, error), serial=False,
        )  # fmt: skip

    def _begin_reading(self) -> None:
        self._asked += 1
        self._allow(False)
        self.say("Looking at the folder …")

    def _show(self, number: int, found: Recognised) -> None:
        if number != self._asked:
            return
        self.layout_box.setCurrentIndex(self.layout_box.findData(found.layout))
        self.reason.setText(found.reason)
        self._show_pattern()
        self.table.show_entries(found.entries)
        fit = sum(isinstance(entry, ImportedFrame) for entry in found.entries)
        left = len(found.entries) - fit
        words = f"{fit} of the first {len(found.entries)} files are read as frames."
        if found.layout == FILMS:
            words = "The frames are unpacked into the project, lossless; the films stay where they are."
        words = words if left == 0 else f"{words} {left} would be left out."
        self.say(" ".join([*found.remarks, words]), "warning" if found.remarks or not fit else "muted")
        self._allow(fit > 0)

    def _fail(self, number: int, error: Exception) -> None:
        if number != self._asked:
            return
        self.table.show_entries([])
        if isinstance(error, UserError):
            self.say(str(error), "danger")
        else:
            report_error(self, error)

    def _layout_chosen(self) -> None:
        self.reason.setText("Chosen by you")
        self._show_pattern()
        self._preview()

    def _show_pattern(self) -> None:
        layout = self.layout_box.currentData()
        self._form.setRowVisible(self.pattern_row, layout == "folder")
        self._form.setRowVisible(self.film, layout == FILMS)
        self._form.setRowVisible(self.files, layout != FILMS)

    def _take_preset(self, place: int) -> None:
        if self.presets.itemData(place):
            self.pattern.setText(self.presets.itemData(place))
        self.presets.setCurrentIndex(0)

    def _allow(self, ready: bool) -> None:
        self.start.setEnabled(ready)

    def _accept(self) -> None:
        self.wanted.emit(self.choice)


def _label(words: str, widest: QLabel) -> QLabel:
    """As wide as the widest, so that nothing moves when that comes on show."""
    made = text(words)
    made.setMinimumWidth(widest.sizeHint().width())
    return made


def recognise_folder(root: Path, options: Mapping[str, str]) -> Recognised:
    """The folder's layout, why, and its first names."""
    from blasto_annotator.importers.run import first_entries, recognise, remarks_on

    importer, reason = recognise(root)
    usable = {
        name: value for name, value in options.items() if name != "pattern" or importer.name == "folder"
    }
    return Recognised(
        importer.name,
        f"Recognised: {reason}",
        first_entries(root, importer.name, usable, SHOWN),
        remarks_on(root, importer.name, usable),
    )


def read_folder(choice: Choice, reason: str) -> Recognised:
    """The first names, read by the layout that the person chose."""
    from blasto_annotator.importers.run import first_entries, remarks_on

    asked = choice.root, choice.layout, choice.options
    return Recognised(choice.layout, reason, first_entries(*asked, SHOWN), remarks_on(*asked))
