"""Another scheme at any time, rules said when they bite, definitions one key away."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label.grade_panel import GradePanel
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


def grade_buttons(panel: GradePanel) -> list[QPushButton]:
    """All that are there, not only those that the panel knows of."""
    return [made for made in panel.findChildren(QPushButton) if made.property("role") == "grade"]


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
    assert panel.display.reason.text() == "ICM B, TE C is a group of its own."
    qtbot.waitUntil(lambda: len(grade_buttons(panel)) == 6 + 4 + 4)
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


def test_a_letter_without_a_drawn_example_says_so(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    choose(qtbot, window, label_page, "istanbul-2025")
    label_page.flow.toggle_definitions()
    named = {
        label.accessibleName(): label.text() for label in label_page.flow.definitions.findChildren(QLabel)
    }
    assert named["ICM D: none visible or degenerating"] == "no drawn\nexample"
    assert named["ICM A: prominent, many compact cells"] == ""
