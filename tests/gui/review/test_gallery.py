"""The gallery of the reveal: what was said of an image can be read whole."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.review.gallery import GAP, TILE, Gallery, Tile

LONG = "Zona thickness uneven or missing, Mirror symmetry; a note of <some> length"


def test_what_does_not_fit_below_an_image_is_in_its_tip(qtbot: QtBot) -> None:
    tiles = [Tile(1, "Good", "1 Perfect", ""), Tile(2, "Poor", "2 Minor flaws, W", LONG)]
    gallery = Gallery(tiles, lambda _: None)
    qtbot.addWidget(gallery)
    gallery.resize(3 * (TILE + GAP), 300)
    assert gallery.words_at(QPointF(20, 20)) == "Good\n1 Perfect"
    assert gallery.words_at(QPointF(TILE + GAP + 20, TILE + 10)) == f"Poor\n2 Minor flaws, W\n{LONG}"
    assert gallery.words_at(QPointF(2.5 * (TILE + GAP), 20)) == ""
