"""The window: composes rail, pages, menus and bars. What they do lies in their own modules."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenuBar, QStackedWidget, QWidget

from blasto_annotator.domain.errors import UnreachableError, UserError
from blasto_annotator.gui.accounts.session import GraderSession
from blasto_annotator.gui.actions import Actions
from blasto_annotator.gui.audit.opening import OpeningCheck
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.closing import Closing
from blasto_annotator.gui.corner import CornerBar
from blasto_annotator.gui.crash import show_crash
from blasto_annotator.gui.help import HelpActions
from blasto_annotator.gui.notices import Notices
from blasto_annotator.gui.pages import PAGES, build_page, load_pages
from blasto_annotator.gui.palette import CommandPalette
from blasto_annotator.gui.project_actions import ProjectActions
from blasto_annotator.gui.rail import Rail
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.start_page import StartPage
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.status_bar import StatusBar
from blasto_annotator.gui.theme import apply_theme
from blasto_annotator.gui.widgets.basics import column, frame, row
from blasto_annotator.gui.widgets.message_bar import MessageBar

log = logging.getLogger(__name__)
TITLE = "Blasto Annotator"
SMALLEST = (960, 600)


class MainWindow(QMainWindow):
    """One window on one project."""

    first_painted = Signal()
    settled = Signal()
    """A project is open and whatever is built in idle time stands."""

    def __init__(self, settings: Settings, log_file: Path) -> None:
        super().__init__()
        self.state = AppState(self)
        self.settings = settings
        self.log_file = log_file
        self._pages: dict[str, QWidget] = {}
        self._painted = False
        self._lost = False
        """Whether the message bar says that a server does not answer."""
        self.actions_table = Actions(self, settings)
        self.projects = ProjectActions(self, self.state, settings)
        self.graders = GraderSession(self, self.state, settings)
        self.trail = OpeningCheck(self, self.state)
        self.closing = Closing(self, self.state, self._pages)
        self.help = HelpActions(self, settings, log_file)
        self._build()
        self.notices = Notices(self, self.state, settings, self.messages)
        self._connect()
        self._restore()

    def page(self, name: str) -> QWidget:
        """A page, built when first asked for."""
        if name not in self._pages:
            page = build_page(name, self.state)
            self._pages[name] = page
            self._stack.addWidget(page)
            self.actions_table.bind_page(page)
            self._name_keys(page)
            if hasattr(page, "attach"):
                page.attach(self.settings, self.status)
            log.info("built page %s", name)
        return self._pages[name]

    def show_page(self, name: str) -> None:
        """Shows a page of the open project."""
        if self.state.project is None:
            return
        page = self.page(name)
        self._stack.setCurrentWidget(page)
        self.rail.show_page(name)
        self.actions_table.show_page(name)
        self.settings.set_text("session/page", name)
        activated: Callable[[], None] = getattr(page, "activated", page.setFocus)
        activated()

    def remember_pages(self) -> None:
        """Lets the pages keep where they are in this project."""
        for page in self._pages.values():
            if hasattr(page, "remember"):
                page.remember()

    def show_error(self, error: Exception) -> None:
        """A sentence in the message bar, or the crash dialog for a bug."""
        if isinstance(error, UserError):
            log.warning("shown to the user: %s", error)
            self.messages.show_message(str(error), "error")
            self._lost = isinstance(error, UnreachableError)
        else:
            log.error("unexpected error", exc_info=error)
            show_crash(self, error, self.log_file)

    def set_theme(self, choice: str) -> None:
        """Wears another theme and remembers it."""
        self.settings.set_text("appearance/theme", choice)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, choice, self.settings.text_scale)
        for name in ("dark", "light", "system"):
            self.actions_table[f"view.theme_{name}"].setChecked(name == choice)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.closing.allowed(self.close):
            event.ignore()
            return
        self._remember()
        for dialog in self.findChildren(QDialog):
            dialog.close()  # an import that is under way stops
        self.projects.close_quietly()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.projects.sources.wants(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.projects.sources.take(event.mimeData())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def event(self, event: QEvent) -> bool:
        """Letters that count by their place are typed, not taken for the shortcut of what they say."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self.actions_table.keeps(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.actions_table.press(event):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.projects.check_present()
            self.notices.quiet()

    def _build(self) -> None:
        self.setWindowTitle(TITLE)
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        self.rail = Rail()
        self.messages = MessageBar()
        self.status = StatusBar(self.state)
        self.start_page = StartPage(self.settings, self.projects)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start_page)
        side = column(self.messages, self._stack, gap=0)
        centre = QWidget()
        centre.setLayout(column(row(self.rail, side, gap=0), self.status, gap=0))
        self.setCentralWidget(centre)
        menus = QMenuBar()
        self.actions_table.fill_menus(menus)
        self.corner_bar = CornerBar(self.state, self.settings, self.projects)
        self.setMenuWidget(frame(row(menus, None, self.corner_bar, gap=0), "head"))
        self.palette_box = CommandPalette(self, self.actions_table)
        self._show_project()

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.state.page_requested.connect(self.show_page)
        self.state.session_requested.connect(self._open_session)
        self.state.import_requested.connect(self.projects.sources.import_frames)
        self.state.project_changed.connect(self._show_project)
        self.actions_table.renamed.connect(self._name_keys)
        self.state.saved.connect(lambda _: self._answers_again())
        self.state.message.connect(lambda kind, words: self.messages.show_message(words, kind))
        self.state.offered.connect(
            lambda said, words, act: self.messages.show_message(said, "info", (words, act))
        )
        self.state.trouble.connect(
            lambda said, words, act: self.messages.show_message(said, "error", (words, act))
        )
        self.actions_table.bind({f"page.{e.name}": partial(self.show_page, e.name) for e in PAGES})
        self.actions_table.bind(self.projects.commands() | self.help.commands() | self._own_commands())
        for name in ("dark", "light", "system"):
            self.actions_table[f"view.theme_{name}"].setCheckable(True)
        self.set_theme(self.settings.theme)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(lambda _: self.set_theme(self.settings.theme))

    def _own_commands(self) -> dict[str, Callable[[], object]]:
        themes = {f"view.theme_{n}": partial(self.set_theme, n) for n in ("dark", "light", "system")}
        return themes | {
            "edit.undo": lambda: self._to_page("undo"),
            "edit.redo": lambda: self._to_page("redo"),
            "view.full_screen": self._toggle_full_screen,
            "view.palette": self.palette_box.open_box,
            "train.retrain": lambda: self.show_page("train"),
            "file.quit": self.close,
        }

    def _answers_again(self) -> None:
        """A server that saves answers: what the bar said of it is over."""
        if self._lost:
            self._lost = False
            self.messages.hide()

    def _name_keys(self, *pages: QWidget) -> None:
        """Tells these pages, or all of them, what the keys of their acts say."""
        for page in pages or self._pages.values():
            if hasattr(page, "show_keys"):
                page.show_keys(self.actions_table)

    def _to_page(self, act: str) -> None:
        handler = getattr(self._stack.currentWidget(), act, None)
        if handler is not None:
            handler()

    def _show_project(self) -> None:
        project = self.state.project
        opened = project is not None
        self.setWindowTitle(f"{project.name} – {TITLE}" if project is not None else TITLE)
        self.rail.setVisible(opened)
        self.status.setVisible(opened)
        self.messages.hide()
        for key, action in self.actions_table.all():
            if key.id in (
                "file.import",
                "file.import_labels",
                "file.burned_in",
                "file.export_labels",
                "file.close",
                "label.grader",
                "edit.graders",
                "edit.scheme",
            ):
                action.setEnabled(opened)
            if key.menu == "Train" or key.id.startswith("page.") or key.group == "undo":
                action.setEnabled(opened)
        if opened:
            self.show_page(self.settings.text("session/page", "label"))
            QTimer.singleShot(1500, self._follow_runs)
        else:
            self.start_page.refresh()
            self._stack.setCurrentWidget(self.start_page)
            self.actions_table.show_page("")

    def _open_session(self, session: int) -> None:
        """A review that somebody prepared."""
        self.show_page("review")
        page = self.page("review")
        if hasattr(page, "open_planned"):
            page.open_planned(session)

    def _follow_runs(self) -> None:
        """Builds the Train page in idle time: it finds a run or a round that is alive, or was left.

        The others' modules are imported on the way, so that a first look at them does not wait for that.
        """
        run_op(self, load_pages, lambda _: self._build_train(), serial=False)

    def _build_train(self) -> None:
        if self.state.project is not None:
            self.page("train")
            self.settled.emit()

    def _toggle_full_screen(self) -> None:
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def _restore(self) -> None:
        screen = self.screen().availableSize()
        self.resize(min(1360, screen.width() - 40), min(860, screen.height() - 60))
        self.restoreGeometry(self.settings.data("window/geometry"))

    def _remember(self) -> None:
        self.settings.set_data("window/geometry", self.saveGeometry())
        project = self.state.project
        self.settings.set_text("session/project", str(project.folder) if project is not None else "")
        self.settings.sync()
