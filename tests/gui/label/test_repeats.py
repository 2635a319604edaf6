"""An image that comes back silently: nothing on screen tells it from a new one, and no label changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.store import Project
from tests.gui.label.test_label_page import grades, press, project_of, saved, type_keys, where

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def returning(project_folder: Path) -> Path:
    """A project in which Ada graded the last frame so often, days ago, that it is to be seen again."""
    with Project.open(project_folder) as project:
        project.repeats.set_share(0.5, "Ada")
        frame = project.frames.of_embryo(project.frames.embryos()[-1].id)[-2]
        sha256 = project.frames.ensure_hash(frame.id)
        for minute in range(30):
            moment = datetime.now(UTC) - timedelta(days=3, minutes=-minute)
            entry = LabelEntry(parse_grade("4AA"), note="earlier")
            project.labels.record(frame.id, sha256, "Ada", entry, moment=moment)
    return project_folder


@pytest.fixture
def before_repeat(qtbot: QtBot, open_window: Callable[..., LabelPage], returning: Path) -> LabelPage:
    """Ada has just graded E1's first moment, and the repeat stands in the place of the second."""
    page = open_window(returning)
    repeats = page.flow.repeats
    qtbot.waitUntil(lambda: any(page.flow.images.at_hand(frame) for frame in repeats.wanted()))
    type_keys(qtbot, page, "3bb")
    saved(qtbot, page)
    assert repeated(page)
    return page


def repeated(page: LabelPage) -> bool:
    shown = page.flow.grading.on_screen
    return shown is not None and shown.repeat is not None


def test_a_repeat_looks_like_the_frame_whose_place_it_takes(before_repeat: LabelPage) -> None:
    page = before_repeat
    panel = page.side.grade
    assert where(page)[:2] == ("E1", 1)
    assert page.centre.view.transform_name != ""
    assert page.flow.grading.entry is None
    assert page.flow.grading.note == ""
    assert not panel.history.isVisible()
    assert panel.display.reason.text() == "Type expansion, ICM, TE: such as 4AB."


def test_its_grade_is_kept_apart_and_the_frame_itself_comes_next(
    qtbot: QtBot, before_repeat: LabelPage
) -> None:
    page = before_repeat
    type_keys(qtbot, page, "4ab2cc")
    saved(qtbot, page)
    pairs = project_of(page).repeats.pairs("Ada")
    assert [(str(p.first.entry.grade), str(p.again.entry.grade)) for p in pairs if p.first.entry] == [
        ("4AA", "4AB")
    ]
    assert grades(page) == ["4AA", "3BB", "2CC"]
    assert where(page)[:2] == ("E1", 2)
    assert project_of(page).audit.verify() is None


def test_undoing_it_shows_it_again_and_touches_no_label(qtbot: QtBot, before_repeat: LabelPage) -> None:
    page = before_repeat
    type_keys(qtbot, page, "4ab")
    assert not repeated(page)
    press(qtbot, page, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: repeated(page))
    type_keys(qtbot, page, "4ba")
    saved(qtbot, page)
    assert grades(page) == ["4AA", "3BB"]
    assert len(project_of(page).labels.history(project_of(page).labels.current("Ada")[0].sha256)) == 30


def test_it_is_undone_after_a_restart_too(
    qtbot: QtBot,
    window: MainWindow,
    open_window: Callable[..., LabelPage],
    before_repeat: LabelPage,
    returning: Path,
) -> None:
    type_keys(qtbot, before_repeat, "4ab")
    saved(qtbot, before_repeat)
    window.projects.close()
    page = open_window(returning)
    history = page.flow.grading.history
    qtbot.waitUntil(lambda: bool(history.done))
    count = len(history.done)
    press(qtbot, page, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: repeated(page))
    assert where(page)[:2] == ("E1", 1)
    type_keys(qtbot, page, "4ba")
    saved(qtbot, page)

    project = project_of(page)
    assert [str(pair.again.entry.grade) for pair in project.repeats.pairs("Ada")] == ["4BA"]
    assert [row.action for row in project.audit.rows()].count("repeat") == 2
    assert len(project.acts.recent("Ada")) == count
    assert grades(page) == ["4AA", "3BB"]
    assert project.audit.verify() is None


def test_going_away_and_back_shows_it_again(qtbot: QtBot, before_repeat: LabelPage) -> None:
    page = before_repeat
    press(qtbot, page, Qt.Key.Key_Left)
    assert not repeated(page)
    press(qtbot, page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: repeated(page))
    press(qtbot, page, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: repeated(page))
