"""Every generated image beside its nearest real frames: keys, decisions, pictures turned as they match."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.near_copies import Nearest, Neighbour
from blasto_annotator.gui.widgets.nearest_view import NearestView
from blasto_annotator.reports.nearest import Beside
from blasto_annotator.store import Project

COUNT = 14


@pytest.fixture
def view(qtbot: QtBot, project: Project) -> NearestView:
    """Fourteen images; the first and the ninth are near copies."""
    (project.batches / "b1" / "images").mkdir(parents=True)
    ramp = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    Image.fromarray(ramp).save(project.folder / "real.png")
    rows = [_row(project.batches / "b1", number, ramp) for number in range(COUNT)]
    made = NearestView(rows, project)
    qtbot.addWidget(made)
    made.resize(1000, 560)
    made.show()
    qtbot.waitUntil(lambda: made.views[1].image is not None)
    return made


def _row(folder: Path, number: int, pixels: np.ndarray) -> Beside:
    name = f"images/{number:05d}.png"
    Image.fromarray(pixels).save(folder / name)
    near = [Neighbour("real.png", f"E{number}", 0.1 + number / 100, 5), Neighbour("gone.png", "E99", 0.9)]
    marked = number in (0, 8)
    found = Nearest(name, f"{number:064d}", "real.png", f"E{number}", near[0].distance, marked, 5, (near[1],))
    return Beside("b1", "good", found, 0.2, 30, let_pass=False, verdicts=("Ada: perfect",))


def test_keys_go_through_all_images(qtbot: QtBot, view: NearestView) -> None:
    seen = [view.at]
    for key in (Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_Left, Qt.Key.Key_Home):
        qtbot.keyClick(view, key)
        seen.append(view.at)
    qtbot.keyClick(view, Qt.Key.Key_End)

    assert seen == [0, 1, 11, COUNT - 1, COUNT - 2, 0]
    assert view.at == view.place.value() == COUNT - 1
    assert f"Image {COUNT} of {COUNT}" in view.accessibleDescription()
    with qtbot.waitSignal(view.closed):
        qtbot.keyClick(view, Qt.Key.Key_Escape)


def test_the_neighbour_is_turned_as_it_matches_and_named(qtbot: QtBot, view: NearestView) -> None:
    shown = view.views[1].image
    assert shown is not None

    top, bottom = (shown.pixelColor(shown.width() // 2, y).red() for y in (0, shown.height() - 1))

    assert abs(top - bottom) > 200  # a ramp across that was mirrored and turned by a quarter: up or down
    assert "Embryo E0" in view.words[1].text()
    assert "distance 0.100" in view.words[1].text()
    assert "Ada: perfect" in view.words[0].text()
    qtbot.waitUntil(lambda: "gone.png" in view.words[2].text())  # said where the picture should be


def test_a_near_copy_is_let_pass_by_a_key_and_kept_out_again(qtbot: QtBot, view: NearestView) -> None:
    with qtbot.waitSignal(view.decided) as told:
        qtbot.keyClicks(view, "a")
    assert (told.args[0].image, told.args[1]) == ("images/00000.png", True)
    qtbot.keyClicks(view, "m")
    assert view.at == 8
    assert not view.passes.isChecked()
    qtbot.keyClicks(view, "m")
    assert (view.at, view.passes.isChecked()) == (0, True)
    with qtbot.waitSignal(view.decided) as told:
        qtbot.keyClicks(view, "a")
    assert told.args[1] is False


def test_what_is_no_near_copy_asks_for_nothing(qtbot: QtBot, view: NearestView) -> None:
    qtbot.keyClick(view, Qt.Key.Key_Right)

    assert not view.passes.isVisible()
    with qtbot.assertNotEmitted(view.decided):
        qtbot.keyClicks(view, "a")
