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
    assert window.status.saved.text().startswith("Saved 3BB")
    assert grades(seat_page) == ["4AB", "3BB"]
    told = [row.action for row in project_of(seat_page).audit.rows()]
    assert told.count("label") == 2
    assert project_of(seat_page).audit.verify() is None
