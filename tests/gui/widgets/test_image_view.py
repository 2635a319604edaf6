"""A picture in a view: turned, zoomed, moved, painted over."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.orientations import ORIENTATIONS
from blasto_annotator.gui.widgets.image_view import ImageView, ViewPlace
from blasto_annotator.gui.widgets.overlays import Boxes
from blasto_annotator.gui.widgets.pixels import grey_image, halvings

NUMBERS = np.arange(40 * 60, dtype=np.uint32).reshape(40, 60)
PIXELS = (NUMBERS * 97 % 251).astype(np.uint8)


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(300, 240)
    made.show()
    qtbot.waitExposed(made)
    made.set_image(grey_image(PIXELS))
    return made


def expected(name: str) -> np.ndarray:
    """By NumPy: mirrored left to right, then turned clockwise."""
    mirrored = PIXELS[:, ::-1] if name.startswith("mirror") else PIXELS
    return np.rot90(mirrored, -int(name.rpartition("rot")[2] or 0) // 90 if "rot" in name else 0)


def grabbed(view: ImageView) -> QImage:
    return view.grab().toImage()


def grey_at(view: ImageView, point: QPointF) -> int:
    return grabbed(view).pixelColor(point.toPoint()).red()


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_every_orientation_shows_the_pixels_that_its_name_says(view: ImageView, name: str) -> None:
    view.set_transform_name(name)
    view.zoom_to(4.0)  # from 4 on each pixel is drawn as a block
    there, target = expected(name), view.target()
    assert (target.width(), target.height()) == (4 * there.shape[1], 4 * there.shape[0])
    for row, column in ((0, 0), (3, 5), (there.shape[0] - 2, there.shape[1] - 3)):
        at = target.topLeft() + QPointF(4 * column + 2, 4 * row + 2)
        if view.rect().contains(at.toPoint()):
            assert grey_at(view, at) == there[row, column]


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_point_of_the_view_is_found_in_the_image_as_it_was_given(view: ImageView, name: str) -> None:
    view.set_transform_name(name)
    view.zoom_to(6.0)
    at = QPointF(151, 118)
    point = view.to_image(at)
    assert grey_at(view, at) == PIXELS[int(point.y()), int(point.x())]


def test_the_same_part_stays_in_the_middle_when_the_picture_is_turned(view: ImageView) -> None:
    view.zoom_to(6.0, QPointF(30, 40))
    before = view.to_image(QPointF(150, 120))
    view.set_transform_name("mirror-rot90")
    after = view.to_image(QPointF(150, 120))
    assert (after - before).manhattanLength() < 1e-6


def test_zoom_and_place_outlast_a_moment_without_a_picture_and_one_of_another_size(view: ImageView) -> None:
    view.zoom_to(3.0, QPointF(30, 40))
    before = view.place
    view.set_image(None)
    view.set_image(grey_image(np.zeros((80, 120), np.uint8)))
    assert view.place == before


def test_a_place_is_taken_up_again_before_there_is_a_picture(qtbot: QtBot) -> None:
    place = ViewPlace(2.5, fitted=False, x=0.25, y=0.75)
    fresh = ImageView()
    qtbot.addWidget(fresh)
    fresh.set_place(place)
    fresh.set_image(grey_image(PIXELS))
    assert fresh.place == place
    assert fresh.to_image(QPointF(fresh.width() / 2, fresh.height() / 2)) == QPointF(15, 30)


def test_dragging_moves_the_picture_with_the_hand_when_it_is_turned(view: ImageView) -> None:
    view.set_transform_name("rot90")
    view.zoom_to(6.0)
    held = view.to_image(QPointF(150, 120))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 120))
    QTest.mouseMove(view, QPoint(190, 100))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(190, 100))
    assert (view.to_image(QPointF(190, 100)) - held).manhattanLength() < 1e-6


def test_a_box_is_painted_where_the_image_has_it(view: ImageView) -> None:
    view.set_image(grey_image(np.full((40, 60), 90, np.uint8)))
    view.set_overlay("mask", Boxes([(10, 5, 20, 10)], hatched=False, colour="#ff0000"))
    view.set_transform_name("rot90")
    corner = view.target().topLeft() + QPointF((40 - 5) * view.zoom, 10 * view.zoom)  # (10, 5) turned by 90
    with_box = grabbed(view)
    colours = {
        with_box.pixelColor(corner.toPoint().x() + x, corner.toPoint().y() + y).name()
        for x in (-1, 0, 1)
        for y in (-1, 0, 1)
    }
    assert "#ff0000" in colours
    view.set_overlay("mask", None)
    without = grabbed(view)
    assert "#ff0000" not in {without.pixelColor(x, y).name() for x in range(300) for y in range(240)}


def test_an_unknown_orientation_is_an_error(view: ImageView) -> None:
    with pytest.raises(ValueError, match="sideways"):
        view.set_transform_name("sideways")


def test_a_picture_that_is_painted_small_is_painted_from_its_halvings(view: ImageView) -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (400, 400))  # one pixel each: even grey when shrunk well
    image, smaller = grey_image(stripes), [grey_image(level) for level in halvings(stripes)]
    view.set_image(image, smaller=smaller)
    view.zoom_to(0.3)
    painted = grabbed(view)
    greys = {painted.pixelColor(x, 120).red() for x in range(120, 180)}
    assert greys <= {126, 127, 128, 129}


def test_halvings_end_before_a_picture_becomes_a_stamp() -> None:
    assert [level.shape for level in halvings(np.zeros((600, 1000), np.uint8))] == [(300, 500), (150, 250)]
    assert halvings(np.zeros((200, 900), np.uint8)) == []
