"""A key's place decides where the layout writes another letter: Cyrillic, AZERTY's digits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from blasto_annotator.gui.typed import sequence_by_place, stands_for_other, typed_char

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def pressed(
    text: str, scan_code: int, held: Qt.KeyboardModifier = NONE, virtual_key: int = 0, key: int = 0
) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, held, scan_code, virtual_key, 0, text)


@pytest.mark.parametrize(
    ("text", "scan_code", "meant"),
    [
        ("a", 38, "A"),
        ("ф", 38, "A"),  # Russian
        ("и", 56, "B"),
        ("с", 54, "C"),
        ("в", 40, "D"),
        ("ч", 53, "X"),
        ("a", 24, "A"),  # AZERTY: the key that says A lies where Q lies
        ("q", 38, "Q"),  # and what lies where A lies is no grade
        ("&", 10, "1"),
        ("é", 11, "2"),
        ("-", 15, "6"),
        ("à", 19, "0"),
        ("-", 20, ""),  # the hyphen of a US keyboard
        ("4", 83, "4"),  # keypad
        ("", 50, ""),
        (" ", 65, ""),
    ],
)
def test_on_x11_a_key_means_its_latin_letter_or_else_its_place(text: str, scan_code: int, meant: str) -> None:
    assert typed_char(pressed(text, scan_code), "linux") == meant


def test_windows_reports_the_bare_scan_code_and_macos_a_virtual_key() -> None:
    assert typed_char(pressed("ф", 30), "win32") == "A"
    assert typed_char(pressed("&", 2), "win32") == "1"
    assert typed_char(pressed("ф", 0, virtual_key=0), "darwin") == "A"
    assert typed_char(pressed("(", 0, virtual_key=23), "darwin") == "5"


def test_shift_on_a_digit_types_no_grade_except_where_the_layout_needs_it() -> None:
    assert typed_char(pressed("!", 10, SHIFT), "linux") == ""
    assert typed_char(pressed("1", 10, SHIFT), "linux") == "1"
    assert typed_char(pressed("A", 38, SHIFT), "linux") == "A"


def test_an_azerty_hyphen_is_a_digit_before_it_is_a_shortcut() -> None:
    assert stands_for_other(pressed("-", 15), "linux")
    assert not stands_for_other(pressed("-", 20), "linux")
    assert not stands_for_other(pressed("6", 15), "linux")


def test_a_shortcut_is_found_by_place_only_where_the_layout_writes_no_latin_letter() -> None:
    control = Qt.KeyboardModifier.ControlModifier
    assert sequence_by_place(pressed("", 52, control, key=ord("Я")), "linux") == "Ctrl+Z"
    assert sequence_by_place(pressed("", 52, control | SHIFT, key=ord("Я")), "linux") == "Ctrl+Shift+Z"
    assert sequence_by_place(pressed("т", 57, key=ord("Т")), "linux") == "N"
    assert sequence_by_place(pressed("", 10, control, key=ord("&")), "linux") == "Ctrl+1"
    assert sequence_by_place(pressed("", 25, control, key=ord("Z")), "linux") == ""  # AZERTY's own Z
