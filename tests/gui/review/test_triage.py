"""Quick triage by nine: exceptions first, one key for the rest of the page, one key to take it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.review_plan import ReviewPlan
from blasto_annotator.domain.reviews import Mode, Realism, Verdict
from blasto_annotator.gui.review.page import ReviewPage
from blasto_annotator.gui.review.triage_view import CHOOSE, NOT_THERE, REST_NEEDED, TriageView
from blasto_annotator.store import Project
from tests.gui.review.conftest import OpenPage, saved


@pytest.fixture
def view(qtbot: QtBot, study: Project, open_page: OpenPage) -> TriageView:
    """A triage of six generated images and three real frames: one page."""
    page = open_page(study)
    return triage(qtbot, page, share=1 / 3)


def triage(qtbot: QtBot, page: ReviewPage, share: float) -> TriageView:
    batch = page.batches.rows()[0].name
    page.start(ReviewPlan((batch,), ("Ada",), Mode.GRID, real_share=share, repeat_share=0))
    qtbot.waitUntil(lambda: isinstance(page.session, TriageView))
    view = page.session
    assert isinstance(view, TriageView)
    qtbot.waitUntil(lambda: all(view.pictures.get(at) is not None for at in view.model.page))
    return view


def said(project: Project, view: TriageView) -> dict[int, Verdict | None]:
    found = project.reviews.of_session(view.model.session.id)
    return {position: review.verdict for position, review in found.items()}


def click(qtbot: QtBot, view: TriageView, position: int) -> None:
    point = view.grid.tile(position).center().toPoint()
    qtbot.mouseClick(view.grid, Qt.MouseButton.LeftButton, pos=point)


def test_exceptions_first_then_one_key_for_the_rest(qtbot: QtBot, study: Project, view: TriageView) -> None:
    click(qtbot, view, 4)
    qtbot.keyClicks(view, "wa3")
    assert view.whole
    qtbot.keyClicks(view, "1")
    saved(qtbot, view)

    perfect = Verdict(Realism.PERFECT)
    flawed = Verdict(Realism.IMPLAUSIBLE, wrong_class=True, defects=("zona_thickness",))
    assert said(study, view) == {at: flawed if at == 4 else perfect for at in range(9)}
    assert view.model.complete
    assert len(study.reviews.current()) == 9  # ratings as any other
    kept = study.reviews.of_session(view.model.session.id)
    assert (kept[0].seen.view["rest"], kept[0].seen.view["images"]) == (True, 9)
    assert "rest" not in kept[4].seen.view
    assert all(review.seen.seconds is not None for review in kept.values())


def test_backspace_takes_the_page_back_then_the_exception(
    qtbot: QtBot, study: Project, view: TriageView
) -> None:
    click(qtbot, view, 4)
    qtbot.keyClicks(view, "31")
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    saved(qtbot, view)
    assert said(study, view) == {4: Verdict(Realism.IMPLAUSIBLE)}

    qtbot.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    saved(qtbot, view)
    assert said(study, view) == {}
    qtbot.keyClick(view, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(view, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    saved(qtbot, view)
    assert len(said(study, view)) == 9
    assert study.audit.verify() is None


def test_arrows_choose_and_escape_goes_back_to_the_page(
    qtbot: QtBot, study: Project, view: TriageView
) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(view, key)
    assert (view.whole, view.model.position) == (False, 4)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.whole
    with qtbot.waitSignal(view.paused):
        qtbot.keyClick(view, Qt.Key.Key_Escape)


def test_marks_of_one_image_wait_until_one_is_chosen(qtbot: QtBot, study: Project, view: TriageView) -> None:
    qtbot.keyClicks(view, "w")
    assert view.hint.text() == CHOOSE
    assert not view.panel.wrong_class.isEnabled()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert view.hint.text() == REST_NEEDED

    click(qtbot, view, 2)
    qtbot.keyClicks(view, "w")
    qtbot.keyClick(view, Qt.Key.Key_Return)
    saved(qtbot, view)

    assert said(study, view) == {2: Verdict(None, wrong_class=True)}


def test_an_image_opened_from_its_page_leads_back_to_it(
    qtbot: QtBot, study: Project, view: TriageView
) -> None:
    point = view.grid.tile(5).center().toPoint()
    qtbot.mouseDClick(view.grid, Qt.MouseButton.LeftButton, pos=point)
    qtbot.waitUntil(lambda: view.showing)
    qtbot.keyClicks(view, "2")
    saved(qtbot, view)

    assert said(study, view) == {5: Verdict(Realism.MINOR_FLAWS)}
    assert (view.nine, view.whole) == (True, True)


def test_a_page_that_is_not_on_screen_is_not_judged(qtbot: QtBot, study: Project, view: TriageView) -> None:
    view.pictures.get = lambda position: None  # type: ignore[method-assign]  # as while the disk is slow
    qtbot.keyClicks(view, "1")

    assert view.hint.text() == NOT_THERE
    assert view.model.done == 0


def test_the_next_page_comes_and_page_up_looks_back(
    qtbot: QtBot, study: Project, open_page: OpenPage, drawn: list[Path]
) -> None:
    view = triage(qtbot, open_page(study), share=0.5)
    qtbot.keyClicks(view, "2")
    saved(qtbot, view)
    assert view.grid.first == 9

    qtbot.keyClick(view, Qt.Key.Key_PageUp)

    assert view.grid.first == 0
    assert view.whole
