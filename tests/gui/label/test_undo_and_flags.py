"""Undo of everything, across restarts; flags; what may be seen of colleagues and when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.label.grading import REDO, UNDO, Grading
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.store import Project, load_scheme
from tests.gui.label.test_label_page import grades, on_screen, press, project_of, rows, saved, type_keys

MENUS = pytest.mark.qt_log_ignore("This plugin does not support")  # raising and grabbing, off screen
STAYS = "That stays; grade the frame again to change it."
HISTORY = ["3BB (import)", "4AB"]
CONTROL = Qt.KeyboardModifier.ControlModifier


def steps_known(qtbot: QtBot, page: LabelPage, count: int) -> None:
    qtbot.waitUntil(lambda: len(page.flow.grading.history.done) == count)


def standing(page: LabelPage) -> list[str]:
    shown = page.flow.grading.on_screen
    assert shown is not None
    return [flag.flag for flag in project_of(page).flags.of_image(shown.sha256)]


def test_what_was_done_before_a_restart_can_be_undone_and_redone(
    qtbot: QtBot, open_window: Callable[..., LabelPage], window: MainWindow, project_folder: Path
) -> None:
    page = open_window(project_folder)
    type_keys(qtbot, page, "4ab3bb")
    press(qtbot, page, Qt.Key.Key_Z, CONTROL)
    saved(qtbot, page)
    window.projects.close()
    page = open_window(project_folder)
    steps_known(qtbot, page, 1)

    press(qtbot, page, Qt.Key.Key_Y, CONTROL)
    saved(qtbot, page)
    assert grades(page) == ["4AB", "3BB"]
    for _ in range(2):
        press(qtbot, page, Qt.Key.Key_Z, CONTROL)
    saved(qtbot, page)
    assert grades(page) == []
    on_screen(qtbot, page, "E1", 0)
    assert project_of(page).audit.verify() is None


def test_notes_and_flags_are_undone_after_a_restart_in_their_order(
    qtbot: QtBot, open_window: Callable[..., LabelPage], window: MainWindow, project_folder: Path
) -> None:
    page = open_window(project_folder)
    type_keys(qtbot, page, "4ab")
    saved(qtbot, page)
    press(qtbot, page, Qt.Key.Key_Left)
    on_screen(qtbot, page, "E1", 0)
    page.flow.grading.set_note("thin zona")
    page.flow.grading.finish_note()
    page.flow.grading.flag("look again", raised=True)
    saved(qtbot, page)
    window.projects.close()
    page = open_window(project_folder)
    steps_known(qtbot, page, 3)

    left: list[tuple[list[str], str]] = []
    for _ in range(2):
        press(qtbot, page, Qt.Key.Key_Z, CONTROL)
        saved(qtbot, page)
        on_screen(qtbot, page, "E1", 0)
        left.append((standing(page), note_of(page)))

    assert left == [([], "thin zona"), ([], "")]
    assert grades(page) == ["4AB"]


def note_of(page: LabelPage) -> str:
    """Of the newest label."""
    entry = rows(page)[-1].entry
    return entry.note if entry is not None else ""


def test_undo_leaves_a_label_that_was_imported_over_a_typed_one_and_says_so(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    type_keys(qtbot, label_page, "2cc4ab")
    saved(qtbot, label_page)
    typed = rows(label_page)[1]
    known = [(typed.frame_id, typed.sha256, LabelEntry(parse_grade("3BB")))]
    project_of(label_page).labels.import_many(known, "Ada", who="Eve")  # at the command line

    with qtbot.waitSignal(label_page.state.message) as told:
        press(qtbot, label_page, Qt.Key.Key_Z, CONTROL)
    assert told.args == [
        "info",
        f"4AB (E1 · 108.0 h) is not undone: since then an import said 3BB. {STAYS}",
    ]
    on_screen(qtbot, label_page, "E1", 1)
    entry = label_page.flow.grading.entry
    assert entry is not None
    assert str(entry.grade) == "3BB"
    assert grades(label_page) == ["2CC", "3BB"]
    history = label_page.side.grade.history.own
    qtbot.waitUntil(lambda: [row.partition("   ")[2] for row in history.text().split("\n")] == HISTORY)
    press(qtbot, label_page, Qt.Key.Key_Z, CONTROL)
    saved(qtbot, label_page)
    assert grades(label_page) == ["3BB"]
    press(qtbot, label_page, Qt.Key.Key_Y, CONTROL)
    saved(qtbot, label_page)
    assert sorted(grades(label_page)) == ["2CC", "3BB"]
    with qtbot.waitSignal(label_page.state.status) as said:
        press(qtbot, label_page, Qt.Key.Key_Y, CONTROL)
    assert said.args == ["Nothing to redo."]


@MENUS
def test_a_flag_is_raised_by_its_key_and_can_be_undone(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "l")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.keyClick(menu, Qt.Key.Key_2)  # type: ignore[no-untyped-call]
    saved(qtbot, label_page)
    assert standing(label_page) == ["ask a colleague"]
    qtbot.waitUntil(label_page.centre.view.hasFocus)
    press(qtbot, label_page, Qt.Key.Key_Z, CONTROL)
    saved(qtbot, label_page)
    assert standing(label_page) == []
    press(qtbot, label_page, Qt.Key.Key_Y, CONTROL)
    saved(qtbot, label_page)
    assert standing(label_page) == ["ask a colleague"]


@MENUS
def test_a_flag_in_own_words_is_offered_again(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "l")
    qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_5)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(label_page.side.grade.flags.field.hasFocus)
    type_keys(qtbot, label_page, "For the course")
    press(qtbot, label_page, Qt.Key.Key_Return)
    saved(qtbot, label_page)
    assert standing(label_page) == ["for the course"]
    qtbot.waitUntil(lambda: "for the course" in label_page.side.grade.flags.names)


def test_colleagues_labels_and_words_are_seen_only_after_ones_own_grade_is_committed(
    qtbot: QtBot, open_window: Callable[..., LabelPage], project_folder: Path
) -> None:
    with Project.open(project_folder) as project:
        frame = project.frames.of_embryo(project.frames.embryos()[0].id)[1]
        sha256 = project.frames.ensure_hash(frame.id)
        project.labels.record(frame.id, sha256, "Eve", LabelEntry(parse_grade("3CC"), note="poor TE"))
        project.flags.put(frame.id, sha256, "Eve", "surely 3cc")
        project.flags.put(frame.id, sha256, "Eve", "look again")
        project.adjudications.record(frame.id, sha256, "Zoë", LabelEntry(parse_grade("3CB")), {})
    page = open_window(project_folder)
    panel = page.side.grade
    qtbot.waitUntil(lambda: chips(page) == ["look again   Eve"])
    assert not panel.history.others.isVisible()
    assert not panel.history.decided.isVisible()

    type_keys(qtbot, page, "4ab")
    saved(qtbot, page)
    press(qtbot, page, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: panel.history.others.isVisible())
    assert "3CC – poor TE   Eve" in panel.history.others.text()
    assert panel.history.decided.text().endswith("3CB   Zoë")
    assert chips(page) == ["surely 3cc   Eve", "look again   Eve"]

    press(qtbot, page, Qt.Key.Key_Z, CONTROL)
    saved(qtbot, page)
    qtbot.waitUntil(lambda: not panel.history.others.isVisible())
    assert not panel.history.decided.isVisible()


def chips(page: LabelPage) -> list[str]:
    return page.side.grade.flags.shown


def frame(number: int) -> Frame:
    return Frame(number, 1, 1, "E1", f"E1/{number}.png", 0, number, None, "", "", 48, 48, None)


def test_an_undo_waits_for_the_grades_that_were_typed_before_it() -> None:
    parent = QObject()
    grading = Grading(parent, dict)
    done: list[str] = []
    grading.submitted.connect(lambda change: (done.append(str(change.after.grade)), grading.turn_to(2)))
    grading.turned.connect(done.append)
    grading.begin(load_scheme("gardner-3group"), "Ada")
    grading.show(frame(1), f"{1:064x}", None)
    assert not grading.waits(UNDO)
    for key in "4AB":
        grading.key(key)
    for key in "3CC":  # the next frame is not on screen yet
        grading.key(key)
    assert grading.waits(UNDO)
    assert done == ["4AB"]
    grading.show(frame(2), f"{2:064x}", None)
    grading.show(frame(3), f"{3:064x}", None)
    assert done == ["4AB", "3CC", UNDO]

    grading.turn_to(4)
    grading.key("5")
    assert grading.waits(REDO)
    grading.block("cannot be shown")
    assert done[-1] == REDO
    assert not grading.waits(UNDO)


def test_what_an_import_says_of_the_frame_on_screen_is_shown_and_stands_again_after_undo(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    page, project = label_page, project_of(label_page)
    shown = page.flow.grading.on_screen
    assert shown is not None
    imported = LabelEntry(parse_grade("3CC"), note="from the sheet")
    project.labels.import_many([(shown.frame.id, shown.sha256, imported)], "Ada")
    page.state.labels_changed.emit(0)
    qtbot.waitUntil(lambda: page.flow.grading.entry is not None)
    assert page.side.grade.display.group.text() == "Poor"
    assert page.side.grade.note.text() == "from the sheet"

    type_keys(qtbot, page, "4ab")
    saved(qtbot, page)
    press(qtbot, page, Qt.Key.Key_Z, CONTROL)
    saved(qtbot, page)
    assert (grades(page), note_of(page)) == (["3CC"], "from the sheet")
    (made,) = project.label_imports.all()
    assert made.standing == 0
