"""What the File menu and the start page do: projects made, opened, closed; frames and labels in and out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_documents_path
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.imports.actions import SourceActions
from blasto_annotator.gui.pages import load_page
from blasto_annotator.gui.settings import RecentProject, Settings
from blasto_annotator.gui.state import AppState

if TYPE_CHECKING:
    from blasto_annotator.gui.main_window import MainWindow
    from blasto_annotator.gui.new_project import NewProject
    from blasto_annotator.store import Project

CSV = "Comma-separated values (*.csv)"


class ProjectActions(QObject):
    """Every act runs in the background and ends in the state or in a sentence."""

    def __init__(self, window: MainWindow, state: AppState, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._settings = settings
        self._busy = False
        self.sources = SourceActions(window, state, self.last_place)

    def commands(self) -> dict[str, Callable[[], object]]:
        """What the menus call."""
        return {
            "file.new": self.ask_new,
            "file.open": self.ask_open,
            "file.sample": self.open_sample,
            "file.import": self.sources.import_frames,
            "file.import_labels": self.sources.import_labels,
            "file.burned_in": self.sources.burned_in,
            "file.export_labels": self.export_labels,
            "edit.scheme": self.choose_scheme,
            "file.close": self.close,
            "edit.graders": self.show_graders,
            "label.grader": lambda: self._state.set_grader(""),
        }

    def ask_new(self) -> None:
        """Asks for name, place and scheme, then makes the project."""
        from blasto_annotator.gui.new_project import NewProjectDialog

        dialog = NewProjectDialog(self._window, self.last_place())
        dialog.wanted.connect(self._make)
        dialog.show()

    def ask_open(self) -> None:
        """Asks for a project folder and opens it."""
        chosen = QFileDialog.getExistingDirectory(
            self._window, "Open a project's folder", str(self.last_place())
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, folder: Path) -> None:
        """Opens the project in this folder; the one that is open stays where it cannot be opened."""
        project = self._state.project
        if project is not None and project.folder == folder:
            return
        self._take(lambda: _open_held(folder))

    def open_sample(self) -> None:
        """Opens the sample project; draws it first where it does not exist."""
        from blasto_annotator.gui.sample_dialog import SampleDialog, sample_folder

        folder = sample_folder()
        dialog = SampleDialog(self._window, folder)
        dialog.made.connect(lambda: self.open(folder))
        dialog.begin()

    def show_graders(self) -> None:
        """Accounts and assignments."""
        from blasto_annotator.gui.accounts.window import GradersWindow

        if self._state.project is not None:
            GradersWindow(self._window, self._state, self._state.project).show()

    def close(self) -> None:
        """Goes back to the start page."""
        if self._window.closing.allowed(self.close):
            self.close_quietly()

    def close_quietly(self) -> None:
        """Closes the project without questions."""
        project = self._state.project
        if project is not None:
            self._window.remember_pages()
            self._state.set_project(None)
            project.close()

    def check_present(self) -> None:
        """Looks whether the project and its sources are still there, when the window comes to the front."""
        project = self._state.project
        if project is not None:
            run_op(self, project.check_present, lambda _: self.sources.check_sources())

    def choose_scheme(self) -> None:
        """Another grading scheme for the grades that stand and those to come."""
        from blasto_annotator.gui.scheme_dialog import SchemeDialog

        if self._state.project is not None:
            SchemeDialog(self._window, self._state).show()

    def export_labels(self) -> None:
        """The labels that stand: a plain file, or a signed folder."""
        from blasto_annotator.gui.export_dialog import ExportDialog

        if self._state.project is not None:
            dialog = ExportDialog(self._window, self.last_place())
            dialog.wanted.connect(self._export)
            dialog.show()

    def _export(self, target: str, form: str, names: bool) -> None:
        project, who = self._state.project, self._state.grader
        if project is None:
            return

        def plain() -> str:
            from blasto_annotator.importers.labels_table import export_labels

            count = export_labels(project, Path(target))
            return f"{count:,} label{'' if count == 1 else 's'} written to {target}."

        def signed() -> str:
            from blasto_annotator.curation.labels_export import ExportOptions, export_labels

            options = ExportOptions(form, pseudonyms=not names)
            report = export_labels(project, Path(target).expanduser().absolute(), options, who)
            left = f", {report.left_out:,} left out" if report.left_out else ""
            return f"{report.labels:,} labels{left} written to {target}, signed with {report.fingerprint}."

        self._state.status.emit("Exporting labels …")
        run_op(self, signed if form else plain, self._say, serial=False)

    def last_place(self) -> Path:
        """Where file dialogs begin."""
        kept = self._settings.text("session/place")
        places = (*([Path(kept)] if kept else []), user_documents_path())
        return next((place for place in places if place.is_dir()), Path.home())

    def _make(self, wanted: NewProject) -> None:
        def op() -> Project:
            from blasto_annotator.store import Project

            if wanted.joins:
                project = Project.join(wanted.folder, wanted.database)
            else:
                project = Project.create(wanted.folder, wanted.name, wanted.scheme, database=wanted.database)
            return _held(project)

        self._settings.set_text("session/place", str(wanted.folder.parent))
        self._take(op, after=None if wanted.joins else self.sources.import_frames)

    def _take(self, op: Callable[[], Project], after: Callable[[], object] | None = None) -> None:
        """Runs `op` and makes its project the open one."""
        if self._busy or not self._window.closing.allowed(partial(self._take, op, after)):
            return
        self._busy = True
        self._window.start_page.show_busy(True)

        def opened(project: Project) -> None:
            self._end()
            self._opened(project)
            if after is not None:
                after()

        def failed(error: Exception) -> None:
            self._end()
            report_error(self, error)

        run_op(self, op, opened, failed, unheard=lambda project: project.close())

    def _end(self) -> None:
        self._busy = False
        self._window.start_page.show_busy(False)

    def _opened(self, project: Project) -> None:
        self.close_quietly()
        known = RecentProject(str(project.folder), project.name, project.is_sample)
        self._settings.remember_project(known)
        self._settings.set_text("session/project", str(project.folder))
        self._state.set_project(project)
        if project.read_only:
            self._window.messages.show_message(
                f"“{project.name}” is open for reading only, since its folder may not be written: look and "
                "export as you like; grades are not kept. Copy the folder elsewhere to grade.",
                "warning",
            )

    def _say(self, words: str) -> None:
        self._state.message.emit("success", words)


def _open_held(folder: Path) -> Project:
    """Opens a project as its one window, once the first page's modules are read."""
    from blasto_annotator.store import Project

    load_page("label")
    return _held(Project.open(folder, or_read=True))


def _held(project: Project) -> Project:
    """The project with this as its one window; closed again where it has another."""
    try:
        project.hold_window()
    except BaseException:
        project.close()
        raise
    return project
