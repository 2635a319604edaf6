"""Zoom and adjustments while reviewing: recorded with each verdict, and the same in the next session."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.review.grid_view import GridView
from blasto_annotator.gui.review.look import kept_look
from blasto_annotator.gui.widgets.pictures import Pictures
from blasto_annotator.imaging.adjust import Adjustments
from blasto_annotator.store import Project
from tests.gui.review.conftest import OpenPage, begin, saved


def test_adjustments_are_shown_recorded_and_kept(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    view = begin(qtbot, page, share=0)
    plain = view.image.image
    assert plain is not None
    before = plain.pixelColor(40, 40).red()

    qtbot.keyClicks(view, "8")
    assert view.look.panel.isVisible()
    view.look.panel.set(Adjustments(brightness=0.3, invert=True))
    qtbot.waitUntil(lambda: view.image.image is not None and view.image.image is not plain)
    assert view.showing  # never blank between
    qtbot.keyClicks(view, "++2")
    saved(qtbot, view)

    shown = view.image.image
    assert shown is not None
    assert plain.pixelColor(40, 40).red() == before
    seen = study.reviews.of_session(view.model.session.id)[0].seen.view
    assert (seen["brightness"], seen["invert"], seen["fitted"]) == (0.3, True, False)
    assert {"zoom", "x", "y"} <= set(seen)
    assert "gamma" not in seen  # as the file has it
    zoom = view.image.zoom

    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: kept_look(study, "Ada") != {})
    again = begin(qtbot, page, share=0)

    assert again.look.panel.adjustments == Adjustments(brightness=0.3, invert=True)
    assert again.image.zoom == zoom


def test_an_adjustment_reads_no_file_again(qtbot: QtBot) -> None:
    """A frame that is slow to read would be known by how long its brightness takes."""
    read: list[int] = []

    def load(position: int) -> NDArray[np.uint8]:
        read.append(position)
        return np.zeros((8, 8), np.uint8)

    owner = QWidget()
    qtbot.addWidget(owner)
    pictures = Pictures(load, 1, owner)
    pictures.get(0)
    qtbot.waitUntil(lambda: not pictures.pending(0))

    pictures.adjustments = Adjustments(brightness=0.2)
    pictures.get(0)
    qtbot.waitUntil(lambda: not pictures.pending(0))

    assert read == [0]


def test_nine_images_appear_together(qtbot: QtBot) -> None:
    """The one that comes last would be known for where it is from."""
    white = QImage(8, 8, QImage.Format.Format_RGB32)
    white.fill(Qt.GlobalColor.white)
    late = {4}
    grid = GridView(lambda _: white, lambda _: "", lambda _: "", 9, lambda position: position in late)
    qtbot.addWidget(grid)
    grid.resize(600, 600)
    middle = grid.tile(0).center().toPoint()

    waiting = grid.grab().toImage().pixelColor(middle)
    late.clear()

    assert waiting.lightness() < 100
    assert grid.grab().toImage().pixelColor(middle).lightness() == 255
