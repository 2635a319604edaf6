"""A grade for near-identical frames: only on request, marked, undone in one step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label.page import LabelPage
from tests.gui.conftest import make_project
from tests.gui.label.test_label_page import on_screen, press, project_of, rows, saved, type_keys

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def still(tmp_path: Path, frames_folder: Path) -> Path:
    """A cohort whose first embryo barely changes over its first two moments."""
    frames = Path(shutil.copytree(frames_folder, tmp_path / "frames"))
    with Image.open(frames / "E1" / "RUN1_F0_104.0h.png") as first:
        for place, name in enumerate(("RUN1_F15_104.0h.png", "RUN2_F0_108.0h.png")):
            changed = first.copy()
            changed.putpixel((place, 0), 128)
            changed.save(frames / "E1" / name)
    return make_project(tmp_path / "still", frames)


def test_near_identical_frames_inherit_on_request_and_one_undo_takes_it_back(
    qtbot: QtBot, open_window: Callable[..., LabelPage], still: Path
) -> None:
    page = open_window(still)
    type_keys(qtbot, page, "4ab")
    saved(qtbot, page)
    assert len(rows(page)) == 1
    press(qtbot, page, Qt.Key.Key_Left)
    on_screen(qtbot, page, "E1", 0)
    type_keys(qtbot, page, "u")
    qtbot.waitUntil(page.side.alike.isVisible)
    assert page.side.alike.words.text().startswith("2 frames look the same (104.0 to 108.0 h).")
    assert len(rows(page)) == 1
    type_keys(qtbot, page, "u")
    saved(qtbot, page)
    found = rows(page)
    assert [str(label.entry.grade) for label in found if label.entry] == ["4AB"] * 3
    source = found[0].frame_id
    assert {label.why for label in found[1:]} == {f"inherited from frame {source}"}
    press(qtbot, page, Qt.Key.Key_Z, CONTROL)
    saved(qtbot, page)
    assert len(rows(page)) == 1
    assert project_of(page).audit.verify() is None


def test_without_a_grade_nothing_is_offered(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "u")
    assert "Grade this frame first" in label_page.side.grade.hint.text()
    assert not label_page.side.alike.isVisible()
