"""Labelling on a PostgreSQL server that goes away in mid-grade: the entry is tried again and saved once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label import saves
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project
from blasto_annotator.store.location import parse_url
from tests.gui.conftest import PATTERN
from tests.gui.label.test_label_page import grades, project_of, saved, type_keys
from tests.postgresql import Server


@pytest.fixture
def seat_page(
    open_window: Callable[..., LabelPage], postgresql: Server, frames_folder: Path, tmp_path: Path
) -> LabelPage:
    """The Label page of a project on a server."""
    with Project.create(tmp_path / "seat", database=postgresql.new_database()) as made:
        import_source(made, frames_folder, "folder", {"pattern": PATTERN})
    return open_window(tmp_path / "seat")


def test_an_entry_waits_for_a_server_that_went_away_and_is_saved_once(
    qtbot: QtBot,
    window: MainWindow,
    seat_page: LabelPage,
    postgresql: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saves, "FIRST_WAIT_MS", 50)
    type_keys(qtbot, seat_page, "4ab")
    saved(qtbot, seat_page)
    postgresql.stop()

    type_keys(qtbot, seat_page, "3bb")
    qtbot.waitUntil(lambda: seat_page.saves.tries() > 1)

    notice = seat_page.side.notice
    assert notice.isVisible()
    assert notice.title.text().startswith("Not saved: 3BB")
    assert "does not answer" in notice.sentence.text()
    assert "kept and tried again" in notice.sentence.text()
    assert window.status.saved.text() == "1 label is not saved"

    postgresql.start()
    saved(qtbot, seat_page)

    assert not notice.isVisible()
    assert not window.messages.isVisible()
    assert window.status.saved.text().startswith("Saved: 3BB")
    assert grades(seat_page) == ["4AB", "3BB"]
    told = [row.action for row in project_of(seat_page).audit.rows()]
    assert told.count("label") == 2
    assert project_of(seat_page).audit.verify() is None


def test_a_flag_and_a_note_whose_answer_was_lost_are_stored_once(
    qtbot: QtBot,
    open_window: Callable[..., LabelPage],
    postgresql: Server,
    frames_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saves, "FIRST_WAIT_MS", 50)
    database = postgresql.new_database()
    with Project.create(tmp_path / "seat", database=database) as made:
        import_source(made, frames_folder, "folder", {"pattern": PATTERN})
    with postgresql.proxy() as line:
        through = parse_url(database).set(port=line.port).render_as_string(hide_password=False)
        Project.join(tmp_path / "other seat", through).close()
        page = open_window(tmp_path / "other seat")
        grading = page.flow.grading
        type_keys(qtbot, page, "1")
        saved(qtbot, page)
        page.flow.navigator.step(-1)
        qtbot.waitUntil(lambda: grading.entry is not None)
        for act in (lambda: grading.flag("look again", raised=True), lambda: note(page, "thin zona")):
            line.lose_answer.set()
            act()
            qtbot.waitUntil(lambda: page.saves.tries() > 0)
            saved(qtbot, page)
        told = [row.action for row in project_of(page).audit.rows()]
        assert (told.count("flag"), told.count("label")) == (1, 2)
        assert project_of(page).audit.verify() is None
        page.window().close()  # while the line still stands


def note(page: LabelPage, words: str) -> None:
    page.flow.grading.set_note(words)
    page.flow.grading.finish_note()
