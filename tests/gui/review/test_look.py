"""Zoom and adjustments while reviewing: recorded with each verdict, and the same in the next session."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.review.look import kept_look
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
