"""Changing keys: conflicts are named and can be swapped away; pedals are keys like any other."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.key_editor import KeyEditor
from blasto_annotator.gui.key_sheet import KeySheet
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import KEYBOARD_LAYOUT
from blasto_annotator.gui.typed import XKB_OFFSET
from tests.gui.label.test_label_page import on_screen, press, type_keys


def give(editor: KeyEditor, key_id: str, keys: str) -> None:
    """Types a key into an act's field and leaves it."""
    editor.fields[key_id].setKeySequence(QKeySequence(keys))
    editor.fields[key_id].editingFinished.emit()


def editor_of(qtbot: QtBot, window: MainWindow) -> KeyEditor:
    editor = KeyEditor(window.settings, window.actions_table)
    qtbot.addWidget(editor)
    editor.show()
    return editor


def keys_of(window: MainWindow, key_id: str) -> list[str]:
    return [sequence.toString() for sequence in window.actions_table[key_id].shortcuts()]


def test_a_taken_key_names_its_owner_and_can_be_swapped(qtbot: QtBot, window: MainWindow) -> None:
    editor = editor_of(qtbot, window)
    give(editor, "label.note", "N")
    assert editor._words["label.note"].text() == "taken by Next unlabelled moment"
    assert keys_of(window, "label.note") == ["M"]
    editor.swaps["label.note"].click()
    assert (keys_of(window, "label.note"), keys_of(window, "label.next")) == (["N"], ["M"])
    assert editor._words["label.note"].text() == ""


def test_keys_that_grades_are_typed_with_are_not_given_away(qtbot: QtBot, window: MainWindow) -> None:
    editor = editor_of(qtbot, window)
    give(editor, "label.note", "A")
    assert editor._words["label.note"].text() == "taken by grading"
    assert not editor.swaps["label.note"].isVisible()
    assert keys_of(window, "label.note") == ["M"]


def test_a_foot_pedal_that_sends_f13_moves_on(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    give(editor_of(qtbot, window), "time.next", "F13")
    window.activateWindow()
    label_page.centre.view.setFocus()
    press(qtbot, label_page, Qt.Key.Key_F13)
    on_screen(qtbot, label_page, "E1", 1)
    type_keys(qtbot, label_page, "4")
    assert label_page.flow.grading.pending.expansion == 4


def strike(page: LabelPage, place: int, says: str) -> None:
    """A key of another keyboard: its scan code of set 1, and what it says."""
    scan_code = place + (0 if sys.platform == "win32" else XKB_OFFSET)
    key = ord(says.upper())
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, scan_code, place, 0, says)
        event.ignore()
        QApplication.sendEvent(page.centre.view, event)


def test_where_letters_count_by_place_buttons_and_key_sheet_name_what_the_keys_say(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    editor = editor_of(qtbot, window)
    editor.by_place.click()
    strike(label_page, 5, "4")
    strike(label_page, 30, "q")  # AZERTY: where a US keyboard has A
    pending = label_page.flow.grading.pending
    assert (pending.expansion, pending.icm) == (4, "A")
    panel = label_page.side.grade
    assert panel.buttons[("te", "A")].text() == "A (Q)"
    assert panel.note.placeholderText() == "Note  (,)"
    assert window.settings.text(KEYBOARD_LAYOUT) == "AZERTY"
    sheet = KeySheet(window, window.settings)
    qtbot.addWidget(sheet)
    caps = [label.text() for label in sheet.findChildren(QLabel)]
    assert "Q B C" in caps
    assert "W" in caps  # one image pixel to one screen pixel: where a US keyboard has Z

    editor.printed.click()
    assert panel.buttons[("te", "A")].text() == "A"
    assert panel.note.placeholderText() == "Note  (M)"


def test_a_button_names_the_key_that_was_chosen(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    editor = editor_of(qtbot, window)
    give(editor, "label.note", "K")
    assert label_page.side.grade.note.placeholderText() == "Note  (K)"


def test_every_hint_of_the_page_names_the_key_that_was_chosen(
    qtbot: QtBot, window: MainWindow, label_page: LabelPage
) -> None:
    editor, header, flags = editor_of(qtbot, window), label_page.centre.header, label_page.side.grade.flags
    assert flags.button.text() == "Flag …  (L)"
    chosen = {
        "label.flag": "F2", "plane.all": "F3", "plane.fused": "F4", "time.go_to": "F6",
        "plane.sharpest": "F7", "label.next": "F8", "label.alike": "F9", "view.invert": "F10",
    }  # fmt: skip
    window.settings.set_shortcut("filter.next", "")
    for key_id, key in chosen.items():
        give(editor, key_id, key)
    tips = (header.all_planes, header.fused, label_page.centre.go_to.button, label_page.side.picture.invert)
    assert [each.toolTip().rpartition(" ")[2] for each in tips] == ["(F3)", "(F4)", "(F6)", "(F10)"]
    assert (flags.button.text(), flags.button.toolTip().rpartition(" ")[2]) == ("Flag …  (F2)", "(F2)")
    assert label_page.flow.key_of("label.next") == "F8"
    window.settings.set_shortcut("label.flag", "")
    window.actions_table.apply_shortcuts()
    assert flags.button.text() == "Flag …"
