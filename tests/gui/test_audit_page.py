"""The Audit page on a real project: rows, filters, detail, verification, and a row that somebody altered."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.audit.page import AuditPage
from blasto_annotator.gui.audit.rows_model import PAGE
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.store import Project


@pytest.fixture
def graded_folder(project_folder: Path) -> Path:
    """Labels of two graders, one corrected; more rows than one page of the table."""
    with Project.open(project_folder) as project:
        first = project.frames.of_embryo(project.frames.embryos()[0].id)[0]
        sha256 = project.frames.ensure_hash(first.id)
        project.labels.record(first.id, sha256, "Ada", LabelEntry(parse_grade("4AB"), note="rim blurred"))
        project.labels.record(first.id, sha256, "Ada", LabelEntry(parse_grade("4BB")), "correction")
        rows = [(first.id, f"{n:064x}", LabelEntry(parse_grade("2CC"))) for n in range(PAGE + 50)]
        project.labels.import_many(rows, "Ben")
    return project_folder


@pytest.fixture
def page(
    qtbot: QtBot, window: MainWindow, open_window: Callable[..., LabelPage], graded_folder: Path
) -> AuditPage:
    """The page, its first rows read."""
    open_window(graded_folder)
    window.show_page("audit")
    made = window.page("audit")
    assert isinstance(made, AuditPage)
    qtbot.waitUntil(lambda: made.model.rowCount() > 0)
    qtbot.waitUntil(lambda: made.filter.who.count() == 3)
    return made


def cells(page: AuditPage, place: int) -> list[str]:
    return [str(page.model.data(page.model.index(place, at))) for at in range(page.model.columnCount())]


def filtered(qtbot: QtBot, page: AuditPage, rows: int) -> None:
    qtbot.waitUntil(lambda: page.model.rowCount() == rows and page.model.whole)


def test_the_newest_rows_come_first_and_more_come_with_scrolling(qtbot: QtBot, page: AuditPage) -> None:
    project = page.state.project
    assert project is not None
    total = project.audit.count()
    assert page.model.rowCount() == PAGE
    assert cells(page, 0)[0] == f"{total:,}"
    assert "scroll for more" in page.count.text()

    page.table.scrollToBottom()

    filtered(qtbot, page, total)
    assert cells(page, total - 1)[3] == "made the project"


def test_the_filter_keeps_a_person_an_act_and_words(qtbot: QtBot, page: AuditPage) -> None:
    page.filter.who.setCurrentIndex(page.filter.who.findData("Ada"))
    page.filter.who.activated.emit(0)
    filtered(qtbot, page, 2)
    assert cells(page, 0)[2:7] == ["Ada", "graded", cells(page, 1)[4], "4AB → 4BB", "correction"]

    page.filter.words.setText("RIM blur")
    filtered(qtbot, page, 2)  # the correction's row holds the note in what was before

    page.filter.action.setCurrentIndex(page.filter.action.findData("import"))
    page.filter.action.activated.emit(0)
    qtbot.waitUntil(lambda: page.count.text() == "No row fits.")
    assert page.model.rowCount() == 0


def test_a_subject_and_days_can_be_asked_for(qtbot: QtBot, page: AuditPage) -> None:
    page.filter.words.setText("source:1")
    qtbot.waitUntil(lambda: 0 < page.model.rowCount() < 10)

    page.filter.words.clear()
    page.filter.when.setCurrentIndex(page.filter.when.count() - 1)
    page.filter.since.setDate(QDate.currentDate().addDays(2))
    page.filter.until.setDate(QDate.currentDate().addDays(3))
    page.filter.when.activated.emit(0)
    qtbot.waitUntil(lambda: page.count.text() == "No row fits.")
    wanted = page.filter.wanted()
    assert wanted.since is not None
    assert wanted.until is not None
    assert timedelta(days=1, hours=22) < wanted.until - wanted.since < timedelta(days=2, hours=2)


def test_a_chosen_row_shows_before_and_after_in_local_time_and_utc(qtbot: QtBot, page: AuditPage) -> None:
    page.filter.words.setText("correction")
    filtered(qtbot, page, 1)

    page.table.selectRow(0)

    table = page.detail.table
    shown = {
        table.item(at, 0).text(): (table.item(at, 1).text(), table.item(at, 2).text()) for at in range(3)
    }
    assert page.detail.title.text().startswith("Ada graded (frame ")
    assert page.detail.when.text().endswith("UTC")
    assert page.detail.why.text() == "Why: correction"
    assert shown["icm"] == ("A", "B")


def test_a_whole_trail_is_said_to_hold(qtbot: QtBot, page: AuditPage) -> None:
    qtbot.waitUntil(lambda: "newest rows" in page.verdict.words.text())

    page.verdict.verify.click()

    qtbot.waitUntil(lambda: "The whole trail holds" in page.verdict.words.text())
    assert page.verdict.verify.isVisible()


def _tamper(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "project.db")) as database, database:
        database.execute("DROP TRIGGER label_no_update")
        database.execute("UPDATE label SET te = 'A' WHERE id = 2")


def test_a_row_that_was_altered_is_named_and_shown(
    qtbot: QtBot, window: MainWindow, open_window: Callable[..., LabelPage], graded_folder: Path
) -> None:
    _tamper(graded_folder)
    open_window(graded_folder)
    window.show_page("audit")
    page = window.page("audit")
    assert isinstance(page, AuditPage)

    qtbot.waitUntil(lambda: page.verdict.there.isVisible())
    assert "was changed outside the application" in page.verdict.words.text()
    page.verdict.there.click()

    qtbot.waitUntil(lambda: page.model.rowCount() > 0 and cells(page, 0)[5] == "4AB → 4BB")
    assert cells(page, 0)[0] in page.verdict.words.text()
    assert page.detail.why.text() == "Why: correction"


def test_opening_a_project_whose_trail_is_broken_says_so(
    qtbot: QtBot, window: MainWindow, open_window: Callable[..., LabelPage], graded_folder: Path
) -> None:
    _tamper(graded_folder)
    open_window(graded_folder)

    qtbot.waitUntil(lambda: "audit trail is broken" in window.messages.sentence)


def test_an_end_that_was_cut_is_told_and_a_backup_restored_knowingly_is_accepted(
    qtbot: QtBot, window: MainWindow, open_window: Callable[..., LabelPage], graded_folder: Path
) -> None:
    with closing(sqlite3.connect(graded_folder / "project.db")) as database, database:
        for table in ("audit", "label"):
            database.execute(f"DROP TRIGGER {table}_no_delete")
            database.execute(f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})")  # noqa: S608
    open_window(graded_folder)
    window.show_page("audit")
    page = window.page("audit")
    assert isinstance(page, AuditPage)
    qtbot.waitUntil(lambda: page.verdict.accept.isVisible())
    assert "rows were cut off its end" in page.verdict.words.text()

    page.verdict.accept.click()

    qtbot.waitUntil(lambda: "newest rows of the trail" in page.verdict.words.text())
    qtbot.waitUntil(lambda: page.model.rowCount() > 0 and cells(page, 0)[3] == "restored a backup")
    assert not page.verdict.accept.isVisible()
