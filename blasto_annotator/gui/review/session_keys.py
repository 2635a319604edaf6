"""Which act a key means while reviewing; letters and digits by their place where the layout has others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from blasto_annotator.gui.review.marks import (
    BRUSH_KEY,
    DEFECT_KEYS,
    GRADE_KEY,
    NOTE_KEY,
    REALISM_KEYS,
    WRONG_CLASS_KEY,
)
from blasto_annotator.gui.typed import typed_char


class Act(Enum):
    """What a key does."""

    REALISM = auto()
    WRONG_CLASS = auto()
    DEFECT = auto()
    LOOKS_LIKE = auto()
    NOTE = auto()
    GRADE = auto()
    COMMIT = auto()
    MOVE = auto()
    PAGE = auto()
    UNDO = auto()
    REDO = auto()
    NINE = auto()
    STAY = auto()
    PIXELS = auto()
    PICTURE = auto()
    ZOOM = auto()
    PAUSE = auto()
    BRUSH = auto()


@dataclass(frozen=True)
class KeyAct:
    """An act and what it is about."""

    act: Act
    value: object = None


NINE_KEY, STAY_KEY, PIXELS_KEY, PICTURE_KEY = "9", "E", "I", "8"
_LETTERS: dict[str, KeyAct] = {
    **{key: KeyAct(Act.REALISM, realism) for key, realism in REALISM_KEYS.items()},
    **{key: KeyAct(Act.DEFECT, code) for key, code in DEFECT_KEYS.items()},
    WRONG_CLASS_KEY: KeyAct(Act.WRONG_CLASS),
    NOTE_KEY: KeyAct(Act.NOTE),
    GRADE_KEY: KeyAct(Act.GRADE),
    NINE_KEY: KeyAct(Act.NINE),
    STAY_KEY: KeyAct(Act.STAY),
    PIXELS_KEY: KeyAct(Act.PIXELS),
    BRUSH_KEY: KeyAct(Act.BRUSH),
    PICTURE_KEY: KeyAct(Act.PICTURE),
    "+": KeyAct(Act.ZOOM, 1.25),
    "-": KeyAct(Act.ZOOM, 0.8),
    "0": KeyAct(Act.ZOOM, 0.0),
}
_KEYS: dict[int, KeyAct] = {
    Qt.Key.Key_Return: KeyAct(Act.COMMIT),
    Qt.Key.Key_Enter: KeyAct(Act.COMMIT),
    Qt.Key.Key_Left: KeyAct(Act.MOVE, (-1, 0)),
    Qt.Key.Key_Right: KeyAct(Act.MOVE, (1, 0)),
    Qt.Key.Key_Up: KeyAct(Act.MOVE, (0, -1)),
    Qt.Key.Key_Down: KeyAct(Act.MOVE, (0, 1)),
    Qt.Key.Key_PageUp: KeyAct(Act.PAGE, -1),
    Qt.Key.Key_PageDown: KeyAct(Act.PAGE, 1),
    Qt.Key.Key_Backspace: KeyAct(Act.UNDO),
    Qt.Key.Key_Escape: KeyAct(Act.PAUSE),
}


def act_of(event: QKeyEvent, classes: dict[str, str], own: dict[str, str] | None = None) -> KeyAct | None:
    """The act of a key press; None where it means nothing here.

    `classes`: letter to class name. `own`: letter to the code of a defect that the laboratory named.
    """
    if event.matches(QKeySequence.StandardKey.Undo):
        return KeyAct(Act.UNDO)
    if event.matches(QKeySequence.StandardKey.Redo) or _is_ctrl_y(event):
        return KeyAct(Act.REDO)
    held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if held != Qt.KeyboardModifier.NoModifier:
        return None
    if event.key() in _KEYS:
        return _KEYS[event.key()]
    letter = typed_char(event) or event.text()
    if own and letter in own:
        return KeyAct(Act.DEFECT, own[letter])
    return KeyAct(Act.LOOKS_LIKE, classes[letter]) if letter in classes else _LETTERS.get(letter)


def _is_ctrl_y(event: QKeyEvent) -> bool:
    return event.keyCombination() == QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_Y)
