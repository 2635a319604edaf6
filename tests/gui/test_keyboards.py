"""Real keys on other keyboards: the server's layout is changed and keys are pressed by their place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blasto_annotator.gui.settings import KEYS_BY_PLACE
from tests.gui.real_window import RealWindow, display

FRENCH = ("13", "24", "56", "15", "56", "56")
"""4AB and 6BB on AZERTY: unshifted digits (the 6 says a hyphen), A where a US keyboard has Q."""
FRENCH_BY_PLACE = ("13", "38", "56", "15", "54", "38")
"""4AB and 6CA by place: the key that says Q is A."""
RUSSIAN = ("13", "38", "56", "12", "54", "54")
"""4AB and 3CC by place: the letters say Ф, И and С."""


@pytest.fixture
def real_window(tmp_path: Path, project_folder: Path, request: pytest.FixtureRequest) -> Iterator[RealWindow]:
    """The application, with Ada grading; letters count by place where the test asks for it."""
    with display() as screen:
        made = RealWindow(tmp_path / "places", screen, project_folder)
        made.settings().set_flag(KEYS_BY_PLACE, request.param)
        made.start()
        made.wait_for("listed")
        made.focus()
        made.grade_as("Ada")
        yield made
        if made.process.poll() is None:
            made.kill()


Typed = tuple[str, tuple[str, ...], str, list[str]]
"""A layout, the keys by their place, the one that undoes, and the grades that they are."""
AS_PRINTED: list[Typed] = [
    ("fr", FRENCH, "ctrl+25", ["4AB", "6BB"]),
    ("ru", RUSSIAN, "ctrl+52", ["4AB", "3CC"]),
]
BY_PLACE: list[Typed] = [("fr", FRENCH_BY_PLACE, "ctrl+25", ["4AB", "6CA"])]


@pytest.mark.parametrize(
    ("real_window", "sessions"),
    [(False, AS_PRINTED), (True, BY_PLACE)],
    indirect=["real_window"],
    ids=["as printed", "by place"],
)
def test_grades_are_typed_alike_on_any_keyboard(real_window: RealWindow, sessions: list[Typed]) -> None:
    wanted: list[str] = []
    for done, (layout, keys, undo, grades) in enumerate(sessions, 1):
        real_window.lay_out_keyboard(layout)
        real_window.press(*keys)
        real_window.wait_for("saved label row", len(wanted) + len(grades))
        real_window.press(undo)
        real_window.wait_for("withdrawn", done)
        wanted += [*grades, "withdrawn"]
        assert [words.split(" · ")[0] for words in real_window.saved()] == wanted
