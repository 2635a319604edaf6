"""Every key that the sheet lists does something, and nothing but what it lists."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.reviews import Realism
from blasto_annotator.gui.review.keys import KEYS
from blasto_annotator.gui.review.marks import OWN_DEFECT_KEYS, class_keys
from blasto_annotator.gui.review.session_keys import Act, KeyAct, act_of

CLASSES = class_keys(("good", "average", "poor"))
OWN = {key: f"own:{key}" for key in OWN_DEFECT_KEYS}
NAMED = {
    "Enter": Qt.Key.Key_Return, "←": Qt.Key.Key_Left, "→": Qt.Key.Key_Right,
    "Backspace": Qt.Key.Key_Backspace, "Esc": Qt.Key.Key_Escape,
    "PgUp": Qt.Key.Key_PageUp, "PgDn": Qt.Key.Key_PageDown,
}  # fmt: skip


def press(key: str, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> KeyAct | None:
    code = NAMED.get(key, Qt.Key.Key_unknown)
    words = "" if key in NAMED else key
    return act_of(QKeyEvent(QEvent.Type.KeyPress, code, held, words), CLASSES, OWN)


@pytest.mark.parametrize("key", [key for keys, _ in KEYS for key in keys.split() if key != "…"])
def test_a_listed_key_acts_in_either_case(qtbot: QtBot, key: str) -> None:
    assert press(key) is not None
    assert press(key.lower() if key not in NAMED else key) == press(key)


def test_every_act_is_listed(qtbot: QtBot) -> None:
    listed = {found.act for keys, _ in KEYS for key in keys.split() if (found := press(key))}
    assert listed == set(Act) - {Act.REDO}


def test_a_letter_with_control_is_left_to_the_menus(qtbot: QtBot) -> None:
    assert press("1", Qt.KeyboardModifier.ControlModifier) is None


def test_digits_of_the_number_pad_count(qtbot: QtBot) -> None:
    assert press("2", Qt.KeyboardModifier.KeypadModifier) == KeyAct(Act.REALISM, Realism.MINOR_FLAWS)


def test_undo_and_redo_have_their_usual_keys(qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    for code, act in ((Qt.Key.Key_Z, Act.UNDO), (Qt.Key.Key_Y, Act.REDO)):
        event = QKeyEvent(QEvent.Type.KeyPress, code, control, "")
        assert act_of(event, CLASSES) == KeyAct(act)
