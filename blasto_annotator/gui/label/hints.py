"""Which keys do what buttons do, in words and tips: as the key editor and the keyboard have them now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

KeyOf = Callable[[str], str]
"""Id in the key table to what its key says; empty where it has none."""


def with_key(words: str, *keys: str) -> str:
    """The words with those of the keys that there are in brackets."""
    said = " and ".join(filter(None, keys))
    return f"{words} ({said})" if said else words


def button_words(words: str, key: str) -> str:
    """A button's words with its key, a little apart."""
    return f"{words}  ({key})" if key else words


def show_hints(flow: LabelFlow, key_of: KeyOf) -> None:
    """Names the keys wherever the page speaks of them."""
    for widget, words, acts in _tips(flow):
        widget.setToolTip(with_key(words, *map(key_of, acts)))
    flow.key_of = key_of
    flow.side.grade.show_keys(key_of)
    flow.alike.show_key(key_of("label.alike"))
    flow.centre.view.planes.show_keys(key_of)


def _tips(flow: LabelFlow) -> Iterator[tuple[QWidget, str, tuple[str, ...]]]:
    """Widgets that say what they do in their tips alone, the words, and the acts that do the same."""
    header, centre, picture = flow.centre.header, flow.centre, flow.side.picture
    yield header.fit, "Fit the frame to the view", ("view.fit",)
    yield header.actual, "One image pixel to one screen pixel", ("view.actual",)
    yield header.all_planes, "All planes side by side", ("plane.all",)
    yield header.fused, "Extended focus: all planes in one picture", ("plane.fused",)
    yield centre.go_to.button, "Go to an hour", ("time.go_to",)
    yield centre.bar.button, "Play or pause", ("time.play",)
    yield centre.bar.speed, "Speed", ("time.faster", "time.slower")
    yield picture.clahe, "Local contrast", ("view.clahe",)
    yield picture.invert, "Invert", ("view.invert",)
    yield picture.reset_button, "Reset the picture", ("view.reset",)
    yield flow.definitions.close_button, "Close the definitions", ("label.definitions",)
    yield flow.side.grade.flags.button, "Mark this frame, to find it again", ("label.flag",)
