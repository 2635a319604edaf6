"""What the window does with sources: frames and labels brought in, files dropped, folders found again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QFileDialog

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Source
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState

if TYPE_CHECKING:
    from blasto_annotator.gui.main_window import MainWindow
    from blasto_annotator.importers.locating import Found

TABLES = "Tables (*.csv *.tsv *.txt *.xlsx *.xlsm)"


class SourceActions(QObject):
    """Opens the import windows, by menu or by what is dropped; watches over the sources' folders."""

    def __init__(self, window: MainWindow, state: AppState, place: Callable[[], Path]) -> None:
        super().__init__(window)
        self._window, self._state, self._place = window, state, place
        self._said: frozenset[int] = frozenset()
        state.project_changed.connect(self._begin_watch)

    def import_frames(self, path: Path | None = None) -> None:
        """The import window, on a folder or a film where one is given."""
        from blasto_annotator.gui.imports.window import ImportWindow

        if self._state.project is None:
            return
        window = ImportWindow(self._window, self._state, self._place())
        window.show()
        if path is not None:
            window.choose.set_folder(path)

    def import_labels(self, file: Path | None = None) -> None:
        """The labels' window, on a file that is asked for where none is given."""
        from blasto_annotator.gui.imports.labels import LabelsDialog

        if self._state.project is None:
            return
        if file is None:
            chosen, _ = QFileDialog.getOpenFileName(self._window, "Import labels", str(self._place()), TABLES)
            file = Path(chosen) if chosen else None
        if file is not None:
            LabelsDialog(self._window, self._state, file).show()

    def burned_in(self) -> None:
        """The window on text and scale bars in the pictures."""
        from blasto_annotator.gui.imports.burned_in import BurnedInDialog

        if self._state.project is not None:
            BurnedInDialog(self._window, self._state).show()

    def wants(self, data: QMimeData) -> bool:
        """Whether something that is dragged over the window can be taken."""
        return self._state.project is not None and any(url.isLocalFile() for url in data.urls())

    def take(self, data: QMimeData) -> None:
        """What was dropped: a table goes to the labels, anything else to the frames."""
        self.take_paths([Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()])

    def take_paths(self, paths: Sequence[Path]) -> None:
        """The same for paths: several files stand for the folder that they lie in."""
        from blasto_annotator.gui.imports.labels import TABLE_SUFFIXES

        tables = [path for path in paths if path.suffix.lower() in TABLE_SUFFIXES]
        others = [path for path in paths if path not in tables]
        if tables:
            self.import_labels(tables[0])
        if others:
            self.import_frames(others[0] if len(others) == 1 else _common(others))
        if len(tables) > 1:
            self._state.message.emit("info", f"One table at a time: {tables[0].name} is shown.")

    def _begin_watch(self) -> None:
        self._said = frozenset()
        self.check_sources()

    def check_sources(self) -> None:
        """Says which sources' folders are not there, with a way to find them; each loss once."""
        project = self._state.project
        if project is None:
            return

        def op() -> list[Source]:
            from blasto_annotator.importers.locating import missing_sources

            return missing_sources(project)

        run_op(self, op, self.say_missing, lambda _: None, serial=False)

    def say_missing(self, missing: list[Source]) -> None:
        """Says of sources that were there at the last look that they are gone."""
        lost = frozenset(source.id for source in missing)
        news, self._said = lost - self._said, lost
        if not news or self._state.project is None:
            return
        source = next(source for source in missing if source.id in news)
        more = f" {len(missing) - 1} more are missing, too." if len(missing) > 1 else ""
        self._window.messages.show_message(
            f"The files of “{source.name}” are not in {source.root} any more. Connect the drive, or say "
            f"where they lie now; labels stay as they are.{more}",
            "warning",
            ("Locate folder …", partial(self._locate, source)),
        )

    def _locate(self, source: Source) -> None:
        start = str(source.root.parent if source.root.parent.is_dir() else self._place())
        chosen = QFileDialog.getExistingDirectory(self._window, f"Where does “{source.name}” lie now?", start)
        if chosen:
            self.locate_in(source, Path(chosen))

    def locate_in(self, source: Source, folder: Path) -> None:
        """Compares the files in a folder with what is known of the source, in the background."""
        project, who = self._state.project, self._state.grader
        if project is None:
            return

        def op() -> Found:
            from blasto_annotator.importers.locating import find_source, locate

            found = find_source(project, source, folder)
            return found if found.missing else locate(project, source, found.root, who)

        self._state.status.emit(f"Comparing the files in {folder.name} …")
        run_op(self, op, self._found, partial(self._not_found, source))

    def _found(self, found: Found) -> None:
        self._state.status.emit("")
        if found.missing:
            self._window.messages.show_message(
                f"{found.root}: {found.sentence}, such as {found.missing[0]}.",
                "warning",
                ("Use it all the same", partial(self._accept, found)),
            )
            return
        self._state.message.emit("success", f"“{found.source.name}” is found: {found.sentence}.")
        self._state.frames_changed.emit()
        self.check_sources()

    def _accept(self, found: Found) -> None:
        project, who = self._state.project, self._state.grader
        if project is None:
            return

        def op() -> Source:
            return project.frames.move_source(found.source.id, found.root, who, found.sentence)

        run_op(self, op, lambda _: self._state.frames_changed.emit())

    def _not_found(self, source: Source, error: Exception) -> None:
        self._state.status.emit("")
        if isinstance(error, UserError):
            again = ("Locate folder …", partial(self._locate, source))
            self._window.messages.show_message(str(error), "error", again)
        else:
            self._window.show_error(error)


def _common(paths: Sequence[Path]) -> Path:
    """The folder that holds all of them."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    first = folders[0]
    return next(place for place in (first, *first.parents) if all(f.is_relative_to(place) for f in folders))
