"""The window around the pages: projects, messages, themes, keys, palette."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QWidget
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.crash import CrashDialog
from blasto_annotator.gui.key_editor import KeyEditor
from blasto_annotator.gui.key_sheet import KeySheet
from blasto_annotator.gui.keys import KEYS, conflicts
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.new_project import NewProject, NewProjectDialog
from blasto_annotator.gui.pages import PAGES
from blasto_annotator.gui.settings import RecentProject, Settings
from blasto_annotator.gui.theme import CANVAS, DARK, LIGHT
from blasto_annotator.store import Project


def words_on(widget: object) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())  # type: ignore[attr-defined]


def test_the_start_page_offers_three_ways_in_and_says_what_the_program_is_not_for(window: MainWindow) -> None:
    words = words_on(window.start_page)
    assert all(way in words for way in ("New project", "Open project", "Sample project"))
    assert "For research use only" in words
    assert "Drawn embryos, no photographs" in words


def test_arrow_keys_walk_through_the_start_page(window: MainWindow, qtbot: QtBot) -> None:
    first, second, *_ = (
        made for made in window.start_page.findChildren(QFrame) if made.property("role") == "choice"
    )
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert window.focusWidget() is second
    qtbot.keyClick(second, Qt.Key.Key_Up)
    assert window.focusWidget() is first


def test_a_project_that_was_opened_is_listed_on_the_start_page(
    qtbot: QtBot, open_window: Callable[..., LabelPage], window: MainWindow, project_folder: Path
) -> None:
    open_window(project_folder)
    window.projects.close()
    assert window.state.project is None
    assert window.start_page.isVisible()
    assert project_folder.name in words_on(window.start_page)


def test_a_second_window_on_the_project_is_refused_with_a_sentence(
    qtbot: QtBot, window: MainWindow, project_folder: Path
) -> None:
    with Project.open(project_folder) as other:
        other.hold_window()
        window.projects.open(project_folder)
        qtbot.waitUntil(window.messages.isVisible)
        assert "open in another window" in window.messages.sentence
        assert window.state.project is None


def test_a_sentence_is_said_in_the_window_that_asked(
    qtbot: QtBot, make_window: Callable[[], MainWindow], tmp_path: Path
) -> None:
    windows = [make_window(), make_window()]
    for asking, silent in (windows, windows[::-1]):
        asking.projects.open(tmp_path)
        qtbot.waitUntil(asking.messages.isVisible)
        assert not silent.messages.isVisible()
        asking.messages.hide()


def test_a_folder_without_a_project_is_said_and_the_open_project_stays(
    qtbot: QtBot,
    window: MainWindow,
    open_window: Callable[..., LabelPage],
    project_folder: Path,
    tmp_path: Path,
) -> None:
    open_window(project_folder)
    window.projects.open(tmp_path)
    qtbot.waitUntil(window.messages.isVisible)
    assert str(tmp_path) in window.messages.sentence
    assert window.state.project is not None


def test_closing_the_project_frees_it_for_another_window(
    window: MainWindow, open_window: Callable[..., LabelPage], project_folder: Path
) -> None:
    open_window(project_folder)
    window.projects.close()
    with Project.open(project_folder) as project:
        project.hold_window()


class ShownWindows(QObject):
    """Notes every top-level window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.names.append(type(watched).__name__)
        return False


def test_building_the_pages_opens_no_window_of_its_own(
    qapp: QApplication, window: MainWindow, open_window: Callable[..., LabelPage], project_folder: Path
) -> None:
    shown = ShownWindows()
    qapp.installEventFilter(shown)
    open_window(project_folder)
    for entry in PAGES:
        window.show_page(entry.name)
    qapp.removeEventFilter(shown)
    assert shown.names == []
    assert window.isActiveWindow()


def test_a_programming_error_opens_the_crash_dialog_with_the_log(window: MainWindow) -> None:
    window.show_error(RuntimeError("a fault"))
    dialog = window.findChild(CrashDialog)
    assert dialog is not None
    assert str(window.log_file) in words_on(dialog)
    assert "a fault" in dialog.details
    dialog.close()


def test_themes_change_everything_but_the_canvas(window: MainWindow, qapp: QApplication) -> None:
    window.set_theme("light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window
    window.set_theme("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    assert LIGHT.canvas == DARK.canvas == CANVAS
    assert window.settings.theme == "dark"


def test_the_palette_runs_what_was_typed(qtbot: QtBot, window: MainWindow) -> None:
    window.palette_box.open_box()
    qtbot.keyClicks(window.palette_box.field, "light the")  # type: ignore[no-untyped-call]
    assert window.palette_box.list.count() == 1
    qtbot.keyClick(window.palette_box.field, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert window.settings.theme == "light"
    window.set_theme("dark")


def test_the_palette_lists_only_what_can_be_done_now(window: MainWindow) -> None:
    window.palette_box.open_box()
    listed = [window.palette_box.list.item(n).text() for n in range(window.palette_box.list.count())]
    window.palette_box.hide()
    assert "New project" in listed
    assert "Later moment" not in listed


def test_no_two_acts_share_a_key() -> None:
    assert conflicts({key.id: key.keys for key in KEYS}) == {}


def test_every_key_is_one_that_qt_knows() -> None:
    for key in KEYS:
        assert all(not QKeySequence(text).isEmpty() for text in key.keys)


def test_the_key_sheet_shows_every_key(window: MainWindow) -> None:
    sheet = KeySheet(window, window.settings)
    sheet.show()
    words = words_on(sheet)
    sheet.close()
    assert all(key.title.removesuffix(" …") in words for key in KEYS if key.keys or key.shown)


def test_a_key_that_is_taken_is_named_and_not_put_into_use(window: MainWindow) -> None:
    editor = KeyEditor(window.settings, window.actions_table)
    editor.fields["view.fit"].setKeySequence(QKeySequence("N"))
    editor.fields["view.fit"].editingFinished.emit()
    assert "Next unlabelled moment" in words_of(editor)
    assert window.actions_table["view.fit"].shortcut() == QKeySequence("F")
    editor.deleteLater()


def test_a_free_key_is_put_into_use_and_remembered(window: MainWindow, tmp_path: Path) -> None:
    editor = KeyEditor(window.settings, window.actions_table)
    editor.fields["view.fit"].setKeySequence(QKeySequence("Ctrl+J"))
    editor.fields["view.fit"].editingFinished.emit()
    assert window.actions_table["view.fit"].shortcut() == QKeySequence("Ctrl+J")
    window.settings.sync()
    assert Settings(window.settings.file).shortcut("view.fit") == "Ctrl+J"
    editor.deleteLater()


def words_of(widget: object) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))  # type: ignore[attr-defined]


def test_a_new_project_lies_in_a_folder_of_its_name(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = NewProjectDialog(window, tmp_path)
    dialog.name.setText("Day 5: “A/B”")
    with qtbot.waitSignal(dialog.wanted) as asked:
        dialog._create.click()
    assert asked.args == [NewProject(tmp_path / "Day 5- “A-B”", "Day 5: “A/B”", "gardner-3group")]


@pytest.mark.parametrize("broken", ["not json", '{"folder": 3}', ""])
def test_a_damaged_settings_file_costs_the_list_not_the_start(tmp_path: Path, broken: str) -> None:
    settings = Settings(tmp_path / "window.ini")
    settings.set_text("session/recent", broken)
    assert settings.recent() == []
    settings.remember_project(RecentProject("/p", "P"))
    assert [known.name for known in settings.recent()] == ["P"]
