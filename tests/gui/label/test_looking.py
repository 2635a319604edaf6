"""Planes side by side, fused and compared; and what a label and the next session keep of the look."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings_dialog import SettingsDialog
from tests.gui.conftest import make_project
from tests.gui.label.test_label_page import on_screen, press, rows, saved, type_keys, where

SIDE = 160
NO_MODIFIER = Qt.KeyboardModifier.NoModifier
SHARP = (15, -15)
"""The sharpest plane at the first and at the second moment."""


def textured(seed: int) -> np.ndarray:
    """An embryo's place: a disc of grain on an even ground."""
    grain = np.random.default_rng(seed).normal(0, 60, (SIDE // 2, SIDE // 2)).astype(np.float32)
    level = cv2.resize(grain, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    return np.asarray(np.clip(120 + level * (np.hypot(x, y) < 55), 0, 255), np.uint8)


@pytest.fixture(scope="module")
def focused_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed project of two moments of three planes, of which one is in focus; to be copied."""
    folder = tmp_path_factory.mktemp("focus")
    (folder / "frames" / "E1").mkdir(parents=True)
    for moment, sharp in enumerate(SHARP, 1):
        for plane in (-15, 0, 15):
            blur = 0.12 * abs(plane - sharp)
            pixels = cv2.GaussianBlur(textured(moment), (0, 0), blur) if blur else textured(moment)
            name = f"RUN{moment}_F{plane}_{100 + 4 * moment}.0h.png"
            Image.fromarray(pixels).save(folder / "frames" / "E1" / name)
    return make_project(folder / "cohort", folder / "frames")


@pytest.fixture
def focused_project(tmp_path: Path, focused_source: Path) -> Path:
    """This test's own: where a session begins depends on the labels that others left."""
    return Path(shutil.copytree(focused_source, tmp_path / "focused"))


@pytest.fixture
def page(open_window: Callable[..., LabelPage], focused_project: Path) -> LabelPage:
    return open_window(focused_project)


def sharpest(page: LabelPage) -> int | None:
    return page.centre.view.planes.sharpest


def newest_view(page: LabelPage) -> dict[str, float | str | bool]:
    entry = rows(page)[-1].entry
    assert entry is not None
    return dict(entry.view)


def pixels(page: LabelPage) -> bytes:
    image = page.centre.view.image
    assert image is not None
    return bytes(image.constBits())


def test_the_sharpest_plane_is_marked_and_one_key_goes_there(qtbot: QtBot, page: LabelPage) -> None:
    assert where(page) == ("E1", 0, 0)
    qtbot.waitUntil(lambda: sharpest(page) == 15)
    assert where(page) == ("E1", 0, 0)  # never moved by itself
    type_keys(qtbot, page, "s")
    assert where(page) == ("E1", 0, 15)
    press(qtbot, page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: sharpest(page) == -15)
    assert where(page) == ("E1", 1, 15)


def test_a_moment_opens_on_its_sharpest_plane_where_that_is_set(
    qtbot: QtBot, window: MainWindow, page: LabelPage
) -> None:
    dialog = SettingsDialog(window, window.settings)
    qtbot.addWidget(dialog)
    boxes = {box.text(): box for box in dialog.findChildren(QCheckBox)}
    boxes["Open each moment on its sharpest focal plane"].click()
    qtbot.waitUntil(lambda: sharpest(page) == 15)
    press(qtbot, page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: sharpest(page) == -15)
    press(qtbot, page, Qt.Key.Key_Left)
    assert where(page) == ("E1", 0, 15)
    press(qtbot, page, Qt.Key.Key_Right)
    assert where(page) == ("E1", 1, -15)


def test_extended_focus_is_marked_and_kept_with_the_label(qtbot: QtBot, page: LabelPage) -> None:
    plane = pixels(page)
    type_keys(qtbot, page, "o")
    qtbot.waitUntil(lambda: "not a plane" in page.centre.view.badge)
    assert pixels(page) != plane
    type_keys(qtbot, page, "4ab")
    saved(qtbot, page)
    view = newest_view(page)
    assert (view["composite"], view["composite_planes"], view["plane"]) == (True, "-15 0 15", 0)


def test_turning_to_a_plane_leaves_extended_focus(qtbot: QtBot, page: LabelPage) -> None:
    type_keys(qtbot, page, "o")
    qtbot.waitUntil(lambda: "not a plane" in page.centre.view.badge)
    press(qtbot, page, Qt.Key.Key_Up)
    assert page.centre.view.badge == ""
    assert not page.flow.looking.composite
    type_keys(qtbot, page, "4bb")
    saved(qtbot, page)
    assert newest_view(page)["composite"] is False


def test_adjustments_reach_extended_focus(qtbot: QtBot, page: LabelPage) -> None:
    type_keys(qtbot, page, "o")
    qtbot.waitUntil(lambda: "not a plane" in page.centre.view.badge)
    before = np.frombuffer(pixels(page), np.uint8)
    type_keys(qtbot, page, "i")
    qtbot.waitUntil(lambda: np.array_equal(np.frombuffer(pixels(page), np.uint8), 255 - before))


def test_all_planes_stand_side_by_side_and_a_click_takes_one(qtbot: QtBot, page: LabelPage) -> None:
    type_keys(qtbot, page, "p")
    grid = page.centre.view.grid
    assert grid.isVisible()
    moment = page.flow.navigator.moment
    assert moment is not None
    qtbot.waitUntil(lambda: len(grid.frames()) == len(moment.frames))
    press(qtbot, page, Qt.Key.Key_Right)
    second = page.flow.navigator.moments[1]
    qtbot.waitUntil(lambda: grid.frames() == [frame.id for frame in second.frames])
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.tile_box(2).center().toPoint())
    assert not grid.isVisible()
    assert where(page) == ("E1", 1, 15)


def test_grading_beside_all_planes_says_so_in_the_label(qtbot: QtBot, page: LabelPage) -> None:
    type_keys(qtbot, page, "p")
    type_keys(qtbot, page, "3ba")
    saved(qtbot, page)
    view = newest_view(page)
    assert (view["all_planes"], view["composite"], view["plane"]) == (True, False, 0)


def test_a_plane_that_cannot_be_read_takes_no_part(
    qtbot: QtBot, open_window: Callable[..., LabelPage], tmp_path: Path, focused_source: Path
) -> None:
    frames = tmp_path / "frames"
    for file in (focused_source.parent / "frames").rglob("*.png"):
        (frames / "E1").mkdir(parents=True, exist_ok=True)
        (frames / "E1" / file.name).write_bytes(file.read_bytes())
    folder = make_project(tmp_path / "other", frames)
    for name in ("RUN1_F15_104.0h.png",):
        (frames / "E1" / name).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    page = open_window(folder)
    type_keys(qtbot, page, "o")
    qtbot.waitUntil(lambda: page.centre.view.badge.startswith("Extended focus of 2 planes"))
    assert sharpest(page) == 0
    type_keys(qtbot, page, "p")
    qtbot.waitUntil(lambda: len(page.centre.view.grid.frames()) == 2)


def test_beside_all_planes_a_frame_that_cannot_be_read_leaves_none_of_the_moment_before(
    qtbot: QtBot, open_window: Callable[..., LabelPage], tmp_path: Path, focused_source: Path
) -> None:
    frames = Path(shutil.copytree(focused_source.parent / "frames", tmp_path / "frames"))
    folder = make_project(tmp_path / "other", frames)
    (frames / "E1" / "RUN2_F0_108.0h.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    page = open_window(folder)
    type_keys(qtbot, page, "p")
    qtbot.waitUntil(lambda: len(page.centre.view.grid.frames()) == 3)
    press(qtbot, page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "RUN2_F0_108.0h.png" in page.centre.view.words)
    assert page.centre.view.grid.frames() == []


def test_zoom_place_and_adjustments_of_the_moment_of_grading_are_kept(qtbot: QtBot, page: LabelPage) -> None:
    page.centre.view.zoom_to(3.0)
    type_keys(qtbot, page, "e")
    type_keys(qtbot, page, "4ab")
    saved(qtbot, page)
    view = newest_view(page)
    place = page.centre.view.place
    assert (view["zoom"], view["fitted"], view["clahe"], view["transform"]) == (3.0, False, True, "")
    assert (view["x"], view["y"]) == (round(place.x, 4), round(place.y, 4))


def test_each_grader_finds_the_look_that_he_left(qtbot: QtBot, window: MainWindow, page: LabelPage) -> None:
    page.centre.view.zoom_to(2.0)
    type_keys(qtbot, page, "ioI")
    window.state.set_grader("Eve / Ümit")
    on_screen(qtbot, page, "E1", 0)
    assert page.centre.view.fitted
    assert not page.side.picture.adjustments.invert
    assert not page.flow.looking.composite
    page.centre.view.zoom_to(5.0)
    window.state.set_grader("Ada")
    on_screen(qtbot, page, "E1", 0)
    assert (page.centre.view.zoom, page.centre.view.fitted) == (2.0, False)


def test_the_look_outlasts_the_session(
    qtbot: QtBot,
    window: MainWindow,
    make_window: Callable[[], MainWindow],
    page: LabelPage,
    focused_project: Path,
) -> None:
    page.centre.view.zoom_to(2.5)
    type_keys(qtbot, page, "i")
    qtbot.waitUntil(window.close)
    again = make_window()
    again.projects.open(focused_project)
    qtbot.waitUntil(lambda: again.state.project is not None)
    again.state.set_grader("Ada")
    second = again.page("label")
    assert isinstance(second, LabelPage)
    qtbot.waitUntil(lambda: second.flow.grading.on_screen is not None)
    assert second.side.picture.adjustments.invert
    assert second.centre.view.zoom == 2.5


def test_an_hour_is_typed_and_the_nearest_moment_opens(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "g")
    type_keys(qtbot, label_page, "111,2 h")
    press(qtbot, label_page, Qt.Key.Key_Return)
    assert where(label_page)[:2] == ("E1", 2)
    assert label_page.centre.view.hasFocus()
    assert not label_page.flow.grading.pending


def test_words_instead_of_an_hour_stay_in_the_field(qtbot: QtBot, label_page: LabelPage) -> None:
    type_keys(qtbot, label_page, "g")
    type_keys(qtbot, label_page, "late")
    press(qtbot, label_page, Qt.Key.Key_Return)
    assert label_page.centre.go_to.field.hasFocus()
    press(qtbot, label_page, Qt.Key.Key_Escape)
    assert label_page.centre.view.hasFocus()
    assert where(label_page)[:2] == ("E1", 0)


def test_without_phases_the_first_blastocyst_is_not_guessed(qtbot: QtBot, label_page: LabelPage) -> None:
    said: list[str] = []
    label_page.state.status.connect(said.append)
    type_keys(qtbot, label_page, "t")
    assert said == ["The source marks no phases for this embryo."]
    assert where(label_page)[:2] == ("E1", 0)


def override(page: LabelPage, *, held: bool) -> bool:
    """Whether the page keeps a Right key from the key table, as it does with what comes too fast."""
    key = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Right, NO_MODIFIER, "", autorep=held)
    key.ignore()
    QApplication.sendEvent(page.centre.view, key)
    return key.isAccepted()


def test_a_held_key_turns_the_next_page_when_the_one_before_is_seen(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    qtbot.waitUntil(lambda: not label_page.flow.turning())
    assert not override(label_page, held=True)
    label_page.flow.navigator.step(1)
    assert override(label_page, held=True)
    assert not override(label_page, held=False)  # a key of its own always counts
    qtbot.waitUntil(lambda: not label_page.flow.turning())
    assert not override(label_page, held=True)


def test_playing_shows_every_moment(qtbot: QtBot, label_page: LabelPage) -> None:
    seen: list[int] = []
    view, navigator = label_page.centre.view, label_page.flow.navigator
    qtbot.waitUntil(lambda: not label_page.flow.turning())
    view.painted.connect(lambda: seen.append(navigator.place))
    label_page.centre.player.set_speed(30)
    type_keys(qtbot, label_page, " ")
    qtbot.waitUntil(lambda: not label_page.centre.player.playing)
    qtbot.waitUntil(lambda: not label_page.flow.turning())
    assert sorted(set(seen)) == [1, 2]


def test_frames_of_another_project_never_answer_for_those_of_this_one(
    qtbot: QtBot, window: MainWindow, open_window: Callable[..., LabelPage], tmp_path: Path
) -> None:
    folders = []
    for name, level in (("dark", 40), ("bright", 200)):  # the same ids, paths and sizes in both projects
        (tmp_path / name / "E1").mkdir(parents=True)
        for moment in range(1, 7):
            file = tmp_path / name / "E1" / f"RUN{moment}_F0_{100 + moment}.0h.png"
            Image.fromarray(np.full((SIDE, SIDE), level + moment, np.uint8)).save(file)
        folders.append(make_project(tmp_path / f"{name} project", tmp_path / name))
    page = open_window(folders[0])
    page.flow.navigator.step(1)  # reading ahead is under way
    window.projects.close()
    qtbot.waitUntil(lambda: window.state.project is None)
    page = open_window(folders[1])
    for moment in range(6):
        page.flow.navigator.go_to_place(moment)
        qtbot.waitUntil(lambda: not page.flow.turning())
        assert pixels(page)[0] == 201 + moment
