"""A key's place decides where the layout writes another letter: Cyrillic, AZERTY's digits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from blasto_annotator.gui.typed import (
    hides_shortcut,
    learn_layout,
    place_named,
    printed,
    read_keys,
    sequence_by_place,
    stands_for_other,
    typed_char,
)

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


@pytest.fixture
def by_place() -> Iterator[None]:
    """Letters count by their place."""
    read_keys(by_place=True)
    yield
    read_keys(by_place=False)


@pytest.mark.parametrize(
    ("text", "scan_code", "held", "meant"),
    [
        ("q", 38, NONE, "A"),  # AZERTY
        ("a", 24, NONE, "Q"),
        ("Q", 38, SHIFT, "A"),
        (",", 58, NONE, "M"),
        ("é", 11, NONE, "2"),
        ("1", 10, SHIFT, "1"),
        ("4", 83, NONE, "4"),  # keypad
        ("ф", 38, NONE, "A"),
        ("a", 38, NONE, "A"),
    ],
)
def test_letters_may_count_by_place_on_latin_keyboards_too(
    by_place: None, text: str, scan_code: int, held: Qt.KeyboardModifier, meant: str
) -> None:
    assert typed_char(pressed(text, scan_code, held), "linux") == meant


def test_by_place_a_letter_is_no_shortcut_of_what_it_says_and_ctrl_goes_with_what_is_printed(
    by_place: None,
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    assert hides_shortcut(pressed("z", 25, key=ord("Z")), "linux")
    assert sequence_by_place(pressed("w", 52, key=ord("W")), "linux") == "Z"
    assert sequence_by_place(pressed(";", 59, key=ord(";")), "linux") == ","
    assert not hides_shortcut(pressed("", 25, control, key=ord("Z")), "linux")
    assert sequence_by_place(pressed("", 25, control, key=ord("Z")), "linux") == ""


def test_what_the_keys_say_is_learned_from_the_first_letter_that_tells(by_place: None) -> None:
    assert [printed(place) for place in "ABQ"] == ["A", "B", "Q"]
    assert learn_layout(pressed("b", 56), "linux") == ""
    assert learn_layout(pressed("q", 38), "linux") == "AZERTY"
    assert [printed(place) for place in "ABQ"] == ["Q", "B", "A"]
    assert (place_named("Q"), place_named("F11")) == ("A", "F11")
    assert learn_layout(pressed("z", 29), "linux") == "QWERTZ"
    assert learn_layout(pressed("a", 38), "linux") == ""
    read_keys(by_place=False, layout="AZERTY")
    assert printed("A") == "A"
