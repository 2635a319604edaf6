"""Which character a key stands for, whatever the keyboard's layout: a Cyrillic Ф lies where A lies.

A Latin letter or a digit counts as it is written on the key. Where the layout gives something else (Cyrillic
letters, the accents on an AZERTY keyboard's digits), the key's place decides, by the scan code of IBM's
set 1: Windows reports it as it is, X11 and Wayland plus 8. macOS reports virtual key codes instead (Events.h
of its HIToolbox).
"""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

XKB_OFFSET = 8
"""X11 and Wayland keycodes begin at 8."""

LATIN_1_ENDS = 0x100
"""Qt's key codes of Latin letters lie below."""

_ROWS = ((2, "1234567890"), (16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"))
SET_1: dict[int, str] = {first + n: char for first, row in _ROWS for n, char in enumerate(row)}
"""Scan code to what the key says on a US keyboard."""
MAC: dict[int, str] = {
    0: "A", 1: "S", 2: "D", 3: "F", 4: "H", 5: "G", 6: "Z", 7: "X", 8: "C", 9: "V", 11: "B", 12: "Q",
    13: "W", 14: "E", 15: "R", 16: "Y", 17: "T", 18: "1", 19: "2", 20: "3", 21: "4", 22: "6", 23: "5",
    25: "9", 26: "7", 28: "8", 29: "0", 31: "O", 32: "U", 34: "I", 35: "P", 37: "L", 38: "J", 40: "K",
    45: "N", 46: "M",
}  # fmt: skip


def typed_char(event: QKeyEvent, platform: str = sys.platform) -> str:
    """The key's digit or upper-case letter; empty where it is neither."""
    text = event.text().upper()
    if len(text) == 1 and text.isascii() and text.isalnum():
        return text
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return ""  # Shift on a US digit is an exclamation mark, not a 1
    return "" if text.isspace() else key_place(event, platform)


def key_place(event: QKeyEvent, platform: str = sys.platform) -> str:
    """What the key at this place says on a US keyboard; empty for other keys."""
    if platform == "darwin":
        return MAC.get(event.nativeVirtualKey(), "") if event.text() else ""
    offset = 0 if platform == "win32" else XKB_OFFSET
    return SET_1.get(event.nativeScanCode() - offset, "")


def stands_for_other(event: QKeyEvent, platform: str = sys.platform) -> bool:
    """Whether the layout writes something else here than the digit that the key's place stands for.

    Such as the hyphen on an AZERTY keyboard's 6, which must grade and not zoom out.
    """
    char = typed_char(event, platform)
    return char.isdigit() and event.text() != char


def sequence_by_place(event: QKeyEvent, platform: str = sys.platform) -> str:
    """The shortcut that the key's place means and its letter hides, such as `Ctrl+Z`; else empty."""
    place = key_place(event, platform)
    if not place or event.key() == ord(place):
        return ""
    if not place.isdigit() and event.key() < LATIN_1_ENDS:
        return ""  # another Latin layout: the letter on the key counts
    names = {
        Qt.KeyboardModifier.ControlModifier: "Ctrl+",
        Qt.KeyboardModifier.AltModifier: "Alt+",
        Qt.KeyboardModifier.ShiftModifier: "Shift+",
    }
    return "".join(name for held, name in names.items() if event.modifiers() & held) + place
