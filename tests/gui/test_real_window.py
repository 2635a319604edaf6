"""The real application in a process of its own, on a display of its own, under real keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blasto_annotator.domain.labels import Label
from blasto_annotator.store import Project
from tests.gui.real_window import RealWindow, display

GRADES = ["4AB", "3BB", "2CC", "1", "5AA", "6BA", "4CB", "3AC", "2BC"]


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """One X server for this file."""
    with display() as number:
        yield number


@pytest.fixture
def real_window(screen: str, tmp_path: Path, project_folder: Path) -> Iterator[RealWindow]:
    """The application on the time lapse, its first frame on screen."""
    made = RealWindow(tmp_path / "places", screen, project_folder).start()
    made.wait_for("listed")
    made.focus()
    yield made
    if made.process.poll() is None:
        made.kill()


def current_grades(folder: Path) -> list[str]:
    with Project.open(folder) as project:
        return [spoken(label) for label in project.labels.current("Ada")]


def spoken(label: Label) -> str:
    assert label.entry is not None
    return str(label.entry.grade)


def test_grades_typed_in_the_real_window_are_stored_as_typed(
    real_window: RealWindow, project_folder: Path
) -> None:
    real_window.grade_as("Ada")
    real_window.type_text("".join(GRADES).lower())
    real_window.wait_for("saved label row", len(GRADES))
    real_window.press("ctrl+z")
    real_window.wait_for("withdrawn")
    real_window.close()
    assert current_grades(project_folder) == GRADES[:-1]


def test_a_filter_is_typed_entered_and_walked_through_by_keys(
    real_window: RealWindow, project_folder: Path
) -> None:
    real_window.grade_as("Ada")
    real_window.press("ctrl+f")
    real_window.type_text("hpi>111 -E2")
    real_window.press("Return")
    real_window.wait_for("lists 2 embryos")
    real_window.type_text("4ab3bb")
    real_window.wait_for("saved label row", 2)
    real_window.press("shift+F3")  # back to the first, whose grade is corrected
    real_window.type_text("4ac")
    real_window.wait_for("saved label row", 3)
    assert real_window.saved() == ["4AB · E1 · 112.0 h", "3BB · E10 · 112.0 h", "4AC · E1 · 112.0 h"]
    real_window.close()
    assert current_grades(project_folder) == ["3BB", "4AC"]


@pytest.mark.parametrize("after", [1, 4, 7])
def test_killing_the_window_loses_no_label_that_was_shown_as_saved(
    real_window: RealWindow, project_folder: Path, after: int
) -> None:
    real_window.grade_as("Ada")
    real_window.type_text("".join(GRADES[: after + 1]).lower(), delay_ms=1)
    real_window.wait_for("saved label row", after)
    real_window.kill()
    shown = [words.split(" · ")[0] for words in real_window.saved()]
    stored = current_grades(project_folder)
    assert len(shown) >= after
    assert stored[: len(shown)] == shown
    with Project.open(project_folder) as project:
        assert project.audit.verify() is None


def test_the_window_never_imports_torch(screen: str, tmp_path: Path, project_folder: Path) -> None:
    window = RealWindow(tmp_path / "places", screen, project_folder, harness=True).start()
    window.wait_for("listed")
    window.wait_for("built page train")
    window.focus()
    assert window.close().splitlines()[-1] == "torch: False, exit code: 0"


def test_the_next_session_goes_on_where_this_one_ended(real_window: RealWindow) -> None:
    real_window.grade_as("Ada")
    real_window.type_text("4ab3bb")
    real_window.wait_for("saved label row", 2)
    real_window.close()
    with display() as other:
        again = RealWindow(real_window.places, other).start()
        again.wait_for("listed")
        again.focus()
        again.grade_as("Ada")
        again.type_text("2cc")
        again.wait_for("saved label row")
        again.kill()
    assert again.saved()[-1] == "2CC · E1 · 112.0 h"
