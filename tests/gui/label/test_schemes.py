"""Another scheme at any time, rules said when they bite, definitions one key away."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.scheme_dialog import SchemeDialog
from tests.gui.label.test_label_page import grades, on_screen, project_of, saved, type_keys


def choose(qtbot: QtBot, window: MainWindow, page: LabelPage, name: str) -> None:
    window.actions_table["edit.scheme"].trigger()
    dialog = window.findChild(SchemeDialog)
    assert dialog is not None
    dialog.choices[name].click()
    qtbot.waitUntil(lambda: page.flow.grading.scheme is not None and page.flow.grading.scheme.name == name)
    dialog.close()
    window.activateWindow()
    page.centre.view.setFocus()


def test_another_scheme_regroups_what_was_typed_and_brings_its_own_letters(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    type_keys(qtbot, label_page, "4bc")
    saved(qtbot, label_page)
    label_page.flow.navigator.go_to_place(0)
    on_screen(qtbot, label_page, "E1", 0)
    panel = label_page.side.grade
    assert panel.display.group.text() == "Poor"
    choose(qtbot, window, label_page, "istanbul-2025")
    qtbot.waitUntil(lambda: panel.display.group.text() == "ICM B, TE C")
    assert ("icm", "D") in panel.buttons
    type_keys(qtbot, label_page, "4dd")
    qtbot.waitUntil(lambda: grades(label_page) == ["4DD"])
    assert project_of(label_page).audit.verify() is None


def test_letters_after_an_expansion_that_stands_alone_meet_the_rule(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    type_keys(qtbot, label_page, "1a")
    hint = label_page.side.grade.hint
    assert hint.isVisible()
    assert hint.text() == "Expansion 1 is graded alone: ICM and TE only from 2 on."
    type_keys(qtbot, label_page, "3bb")
    assert not hint.isVisible()


def test_the_definitions_open_and_close_by_one_key_and_grading_goes_on(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    sheet = label_page.flow.definitions
    type_keys(qtbot, label_page, "h")
    assert sheet.isVisible()
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    assert grades(label_page) == ["4AB"]
    type_keys(qtbot, label_page, "h")
    assert not sheet.isVisible()
