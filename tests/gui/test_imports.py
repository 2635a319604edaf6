"""The import window on real folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.imports.window import ImportWindow
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.store import Project
from tests.gui.conftest import PATTERN


@pytest.fixture
def import_window(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ImportWindow:
    """The import window of a new, empty project."""
    Project.create(tmp_path / "empty").close()
    window.projects.open(tmp_path / "empty")
    qtbot.waitUntil(lambda: window.state.project is not None)
    made = ImportWindow(window, window.state, tmp_path)
    made.show()
    return made


@pytest.fixture
def mixed_folder(tmp_path: Path, frames_folder: Path) -> Path:
    """Good frames, a truncated one, a copy, and a text."""
    folder = Path(shutil.copytree(frames_folder, tmp_path / "mixed"))
    files = sorted(folder.rglob("*.png"))
    files[0].write_bytes(files[0].read_bytes()[:300])
    shutil.copy(files[1], files[1].with_name("RUN9_F0_150.0h.png"))
    (folder / "notes.txt").write_text("hello")
    return folder


def table_of(window: ImportWindow) -> list[list[str]]:
    model = window.choose.table.model()
    columns = range(model.columnCount())
    return [[model.index(line, column).data() for column in columns] for line in range(model.rowCount())]


def test_a_pattern_shows_how_the_first_names_are_read(
    qtbot: QtBot, import_window: ImportWindow, frames_folder: Path
) -> None:
    choose = import_window.choose
    choose.set_folder(frames_folder)
    qtbot.waitUntil(choose.start.isEnabled)
    assert "Recognised" in choose.reason.text()
    choose.layout_box.setCurrentIndex(choose.layout_box.findData("folder"))
    choose.layout_box.activated.emit(choose.layout_box.currentIndex())
    choose.pattern.setText(PATTERN)
    qtbot.waitUntil(
        lambda: ["E1/RUN1_F-15_104.0h.png", "E1", "−15", "1", "104.00", ""] in table_of(import_window)
    )


def test_a_pattern_that_is_none_is_said_and_nothing_can_be_imported(
    qtbot: QtBot, import_window: ImportWindow, frames_folder: Path
) -> None:
    choose = import_window.choose
    choose.set_folder(frames_folder)
    qtbot.waitUntil(choose.start.isEnabled)
    choose.layout_box.setCurrentIndex(choose.layout_box.findData("folder"))
    choose.layout_box.activated.emit(choose.layout_box.currentIndex())
    choose.pattern.setText("(?P<embryo>")
    qtbot.waitUntil(lambda: "regular expression" in choose.words.text())
    assert not choose.start.isEnabled()


def test_an_empty_folder_is_said(qtbot: QtBot, import_window: ImportWindow, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    import_window.choose.set_folder(tmp_path / "nothing")
    qtbot.waitUntil(lambda: "holds no images" in import_window.choose.words.text())


def test_the_report_lists_what_was_left_out_and_the_rest_goes_in(
    qtbot: QtBot, import_window: ImportWindow, mixed_folder: Path, window: MainWindow
) -> None:
    import_window.choose.set_folder(mixed_folder)
    qtbot.waitUntil(import_window.choose.start.isEnabled)
    import_window.choose.start.click()
    qtbot.waitUntil(lambda: import_window.stack.currentWidget() is import_window.report)
    assert import_window.report.title.text() == "26 frames imported"
    model = import_window.report.table.model()
    reasons = {model.index(line, 0).data(): model.index(line, 1).data() for line in range(model.rowCount())}
    assert len(reasons) == 3
    assert "not an image" in reasons["notes.txt"]
    assert any("duplicate" in reason for reason in reasons.values())


def test_frames_that_came_in_are_on_the_label_page_at_once(
    qtbot: QtBot, import_window: ImportWindow, frames_folder: Path, window: MainWindow
) -> None:
    page = window.page("label")
    assert isinstance(page, LabelPage)
    qtbot.waitUntil(lambda: page.empty.isVisible())
    import_window.choose.set_folder(frames_folder)
    qtbot.waitUntil(import_window.choose.start.isEnabled)
    import_window.choose.start.click()
    qtbot.waitUntil(lambda: page.flow.navigator.frame is not None)
    assert [row.name for row in page.embryos.model.embryos] == ["E1", "E2", "E10"]


def test_a_second_import_says_that_nothing_is_new(
    qtbot: QtBot,
    open_window: Callable[..., LabelPage],
    project_folder: Path,
    frames_folder: Path,
    window: MainWindow,
) -> None:
    open_window(project_folder)
    again = ImportWindow(window, window.state, frames_folder)
    again.choose.set_folder(frames_folder)
    qtbot.waitUntil(again.choose.start.isEnabled)
    again.choose.start.click()
    qtbot.waitUntil(lambda: again.report.title.text() == "Nothing new")
    again.close()
