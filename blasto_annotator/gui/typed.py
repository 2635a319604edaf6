"""Which character a key stands for, whatever the keyboard's layout: a Cyrillic Ф lies where A lies.

A Latin letter or a digit counts as it is written on the key. Where the layout gives something else (Cyrillic
letters, the accents on an AZERTY keyboard's digits), the key's place decides, by the scan code of IBM's
set 1: Windows reports it as it is, X11 and Wayland plus 8. macOS reports virtual key codes instead (Events.h
of its HIToolbox).

Where the user asks for it, letters count by their place on Latin keyboards, too: then the key that says Q on
AZERTY types A. What is printed there is learned from the first letter that tells one layout from another.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

XKB_OFFSET = 8
"""X11 and Wayland keycodes begin at 8."""

SHIFT = Qt.KeyboardModifier.ShiftModifier
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
BEYOND, MAC_BEYOND = {51: ",", 52: "."}, {43: ",", 47: "."}
"""Two more places that acts have by default, where letters count by place."""
LAYOUTS: dict[str, dict[str, str]] = {
    "QWERTY": {},
    "AZERTY": {"Q": "A", "W": "Z", "A": "Q", "Z": "W", "M": ",", ",": ";", ".": ":"},
    "QWERTZ": {"Y": "Z", "Z": "Y"},
}
"""Layout to what is printed at a place, where that is not what a US keyboard says there."""


@dataclass
class _Reading:
    """How keys are read, for the whole application; the settings keep it."""

    by_place: bool = False
    layout: str = "QWERTY"


_reading = _Reading()


def read_keys(*, by_place: bool, layout: str = "QWERTY") -> None:
    """How letters count from now on; `layout` is the one that was learned before."""
    _reading.by_place, _reading.layout = by_place, layout if layout in LAYOUTS else "QWERTY"


def printed(place: str) -> str:
    """What the key says that types this letter: another letter only where letters count by place."""
    return LAYOUTS[_reading.layout].get(place, place) if _reading.by_place else place


def place_named(key: str) -> str:
    """The place of the key that says this: the inverse of `printed`."""
    table = LAYOUTS[_reading.layout] if _reading.by_place else {}
    return next((place for place, says in table.items() if says == key), key)


def learn_layout(event: QKeyEvent, platform: str = sys.platform) -> str:
    """The layout that a typed letter gives away; empty where that is the known one, or it tells nothing."""
    place, text = key_place(event, platform), event.text().upper()
    plain = not event.modifiers() & ~SHIFT
    known = LAYOUTS[_reading.layout].get(place, place)
    if not (_reading.by_place and plain and place.isalpha() and text) or text == known:
        return ""
    fitting = [name for name, table in LAYOUTS.items() if table.get(place, place) == text]
    _reading.layout = fitting[0] if fitting else _reading.layout
    return fitting[0] if fitting else ""


def typed_char(event: QKeyEvent, platform: str = sys.platform) -> str:
    """The key's digit or upper-case letter; empty where it is neither."""
    text = event.text().upper()
    if counts_by_place(event, platform) and text:
        return key_place(event, platform)
    if len(text) == 1 and text.isascii() and text.isalnum():
        return text
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return ""  # Shift on a US digit is an exclamation mark, not a 1
    return "" if text.isspace() else key_place(event, platform)


def counts_by_place(event: QKeyEvent, platform: str = sys.platform) -> bool:
    """Whether the key is a letter whose place counts, whatever it writes; with Ctrl or Alt it never does."""
    return _reading.by_place and not event.modifiers() & ~SHIFT and key_place(event, platform).isalpha()


def hides_shortcut(event: QKeyEvent, platform: str = sys.platform) -> bool:
    """Whether Qt would take the key for the shortcut of the letter it writes, though its place counts."""
    return counts_by_place(event, platform) and event.key() != ord(key_place(event, platform))


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
    if not place and _reading.by_place and not event.modifiers():
        place = _beyond(event, platform)
    if not place or event.key() == ord(place):
        return ""
    letter = not place.isdigit() and event.key() < LATIN_1_ENDS
    if letter and not (_reading.by_place and not event.modifiers() & ~SHIFT):
        return ""  # another Latin layout: the letter on the key counts
    names = {
        Qt.KeyboardModifier.ControlModifier: "Ctrl+",
        Qt.KeyboardModifier.AltModifier: "Alt+",
        Qt.KeyboardModifier.ShiftModifier: "Shift+",
    }
    return "".join(name for held, name in names.items() if event.modifiers() & held) + place


def _beyond(event: QKeyEvent, platform: str) -> str:
    if platform == "darwin":
        return MAC_BEYOND.get(event.nativeVirtualKey(), "")
    return BEYOND.get(event.nativeScanCode() - (0 if platform == "win32" else XKB_OFFSET), "")
