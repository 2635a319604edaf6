"""Choices and pairs on screen, the plan's form, the brush, and the laboratory's own defects."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.blinding import begun_look, keep_look
from blasto_annotator.curation.review_plan import ReviewPlan
from blasto_annotator.curation.reviewing import set_own_defects
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Answer, Mode, Realism
from blasto_annotator.gui.review.answer_view import AnswerView
from blasto_annotator.gui.review.page import ReviewPage
from blasto_annotator.gui.review.session_view import SessionView
from blasto_annotator.store import Project
from tests.gui.material import copy_of, write_batch_of
from tests.gui.review.conftest import OpenPage, begin, saved

SECOND = "20260102-120000"


def asked(qtbot: QtBot, page: ReviewPage, plan: ReviewPlan) -> AnswerView:
    """The session on screen, its pictures painted."""
    page.start(plan)
    qtbot.waitUntil(lambda: isinstance(page.session, AnswerView))
    view = page.session
    assert isinstance(view, AnswerView)
    qtbot.waitUntil(lambda: view.showing)
    return view


def timed(qtbot: QtBot, page: ReviewPage, plan: ReviewPlan) -> AnswerView:
    """A timed session, begun."""
    page.start(plan)
    qtbot.waitUntil(lambda: isinstance(page.session, AnswerView))
    view = page.session
    assert isinstance(view, AnswerView)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.clock.seconds(0) is not None)
    return view


def finish(qtbot: QtBot, view: AnswerView) -> None:
    qtbot.waitUntil(lambda: not view.model.busy)


def press(qtbot: QtBot, view: AnswerView | SessionView, keys: str) -> None:
    for key in keys:
        if isinstance(view, AnswerView):
            qtbot.waitUntil(lambda: view.clock.seconds(view.model.position) is not None)
        qtbot.keyClick(view, key)


def test_one_key_answers_and_the_next_image_comes(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    batch = page.batches.rows()[0].name
    view = asked(qtbot, page, ReviewPlan((batch,), ("Ada",), Mode.CHOICE, real_share=0.5, repeat_share=0))

    press(qtbot, view, "121")
    finish(qtbot, view)

    found = study.reviews.of_session(view.model.session.id)
    said = [found[at].verdict for at in range(3)]
    assert [verdict.answer for verdict in said if verdict] == [Answer.REAL, Answer.GENERATED, Answer.REAL]
    assert all(found[at].seen.seconds is not None for at in range(3))
    assert view.model.position == 3
    assert study.reviews.current() == []  # no ratings


def test_what_was_never_on_screen_cannot_be_answered(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    batch = page.batches.rows()[0].name
    page.start(ReviewPlan((batch,), ("Ada",), Mode.CHOICE, real_share=0.5, repeat_share=0))
    qtbot.waitUntil(lambda: page.session is not None)
    view = page.session
    assert isinstance(view, AnswerView)

    view.pictures.get = lambda _: None  # type: ignore[method-assign]  # as while the disk is slow
    view.clock = type(view.clock)()
    view.refresh()
    qtbot.keyClick(view, "1")

    assert (view.model.position, view.model.done) == (0, 0)


def test_an_answer_is_taken_back_and_asked_again(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    batch = page.batches.rows()[0].name
    view = asked(qtbot, page, ReviewPlan((batch,), ("Ada",), Mode.CHOICE, real_share=0.5, repeat_share=0))

    press(qtbot, view, "1")
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    finish(qtbot, view)

    assert (view.model.position, view.model.done) == (0, 0)
    assert study.reviews.answers() == []
    assert study.audit.verify() is None


def test_a_timed_look_ends_by_covering_the_picture_and_waits_for_the_answer(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    batch = page.batches.rows()[0].name
    plan = ReviewPlan((batch,), ("Ada",), Mode.CHOICE, real_share=0.5, repeat_share=0, seconds=0.1)
    view = timed(qtbot, page, plan)
    qtbot.waitUntil(lambda: not view.views[0].isVisible())
    assert view.over
    looked = view.clock.seconds(0)
    press(qtbot, view, "2")

    assert view.model.position == 1
    qtbot.waitUntil(lambda: view.clock.seconds(1) is not None)
    finish(qtbot, view)
    seen = study.reviews.of_session(view.model.session.id)[0].seen.seconds
    assert seen == looked  # the clock stood while the picture was covered


def test_a_timed_session_begins_when_its_reader_is_ready(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    batch = page.batches.rows()[0].name
    page.start(ReviewPlan((batch,), ("Ada",), Mode.CHOICE, real_share=0.5, repeat_share=0, seconds=60))
    qtbot.waitUntil(lambda: isinstance(page.session, AnswerView))
    view = page.session
    assert isinstance(view, AnswerView)
    qtbot.waitUntil(lambda: view.pictures.get(0) is not None)

    qtbot.keyClick(view, "1")

    assert (view.waiting, view.model.done, view.clock.seconds(0)) == (True, 0, None)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.showing)


def test_a_timed_look_is_not_had_twice(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    batch = page.batches.rows()[0].name
    plan = ReviewPlan((batch,), ("Ada",), Mode.CHOICE, real_share=0.5, repeat_share=0, seconds=60)
    view = timed(qtbot, page, plan)
    session = view.model.session
    press(qtbot, view, "1")
    finish(qtbot, view)
    qtbot.waitUntil(lambda: view.showing)

    qtbot.keyClick(view, Qt.Key.Key_Left)
    view.bar.pixels.toggle()
    qtbot.waitUntil(lambda: view.pictures.get(0) is not None)
    assert not view.showing  # answered: covered, whatever is pressed
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: view.showing)
    qtbot.keyClick(view, Qt.Key.Key_Escape)  # a pause keeps what is left of the look
    qtbot.waitUntil(
        lambda: begun_look(study, session) is not None and begun_look(study, session) != (1, 60.0)
    )
    kept = begun_look(study, session)
    assert kept is not None
    assert kept[0] == 1
    assert 0 < kept[1] < 60

    keep_look(study, session, 1, 60.0)  # as a crash leaves it: the look had begun
    page.open_session(session)
    qtbot.waitUntil(lambda: isinstance(page.session, AnswerView) and page.session is not view)
    again = page.session
    assert isinstance(again, AnswerView)
    qtbot.keyClick(again, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: again.pictures.get(1) is not None)
    assert (again.model.position, again.over, again.showing) == (1, True, False)
    qtbot.keyClick(again, "2")
    assert again.model.done == 2


def test_of_a_pair_the_left_image_carries_the_answer(
    qtbot: QtBot, study: Project, open_page: OpenPage, drawn: list[Path], tmp_path: Path
) -> None:
    write_batch_of(study, copy_of(drawn, tmp_path / "more"), SECOND)
    page = open_page(study)
    first = next(row.name for row in page.batches.rows() if row.name != SECOND)
    view = asked(qtbot, page, ReviewPlan((first, SECOND), ("Ada",), Mode.PAIR))

    press(qtbot, view, "12")
    finish(qtbot, view)

    session = view.model.session
    found = study.reviews.of_session(session.id)
    assert sorted(found) == [0, 2]
    assert found[0].verdict is not None
    assert found[0].verdict.answer is Answer.LEFT
    assert found[0].batch == (session.items[0].batch or session.batch)
    assert view.bar.nine.isHidden()


def test_at_the_end_the_figures_of_the_answers_are_shown(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    batch = page.batches.rows()[0].name
    view = asked(qtbot, page, ReviewPlan((batch,), ("Ada",), Mode.CHOICE, real_share=0.5, repeat_share=0))

    press(qtbot, view, "1" * view.model.total)
    finish(qtbot, view)
    qtbot.keyClick(view, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: page.reveal is not None)


def test_the_brush_shows_where_and_is_kept_with_the_verdict(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    view = begin(qtbot, open_page(study), share=0)
    centre = view.image.rect().center()

    press(qtbot, view, "R")
    qtbot.mousePress(view.image, Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseMove(view.image, centre + QPoint(20, 0))
    qtbot.mouseRelease(view.image, Qt.MouseButton.LeftButton, pos=centre + QPoint(20, 0))
    press(qtbot, view, "2")
    saved(qtbot, view)

    verdict = study.reviews.of_session(view.model.session.id)[0].verdict
    assert verdict is not None
    (stroke,) = verdict.strokes
    assert stroke.points[0] == pytest.approx((0.5, 0.5), abs=0.02)
    assert stroke.points[-1][0] > stroke.points[0][0]


def test_a_laboratory_s_own_defect_has_a_key(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    set_own_defects(study, ["Bubble in the well"])
    view = begin(qtbot, open_page(study), share=0)

    press(qtbot, view, "q3")
    saved(qtbot, view)

    verdict = study.reviews.of_session(view.model.session.id)[0].verdict
    assert verdict is not None
    assert (verdict.realism, verdict.defects) == (Realism.IMPLAUSIBLE, ("own:Bubble in the well",))
    with pytest.raises(UserError, match="in the list already"):
        set_own_defects(study, ["mirror symmetry"])


def test_a_grade_that_an_image_looks_like_is_typed_and_says_wrong_class(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    view = begin(qtbot, open_page(study), share=0)
    own = view.model.item.class_name
    other = next(text for text, group in (("4AB", "good"), ("4CC", "poor")) if group != own)

    press(qtbot, view, "7")
    qtbot.keyClicks(view.panel.grade, f"{other[:2].lower()}")
    assert not view.model.marks.wrong_class  # half a grade says nothing
    qtbot.keyClicks(view.panel.grade, other[2].lower())
    qtbot.keyClick(view.panel.grade, Qt.Key.Key_Return)
    press(qtbot, view, "2")
    saved(qtbot, view)

    verdict = study.reviews.of_session(view.model.session.id)[0].verdict
    assert verdict is not None
    assert (verdict.realism, verdict.wrong_class, verdict.looks_like) == (Realism.MINOR_FLAWS, True, other)
    assert view.panel.grade.text() == ""


def test_enter_in_the_note_saves_no_verdict(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study), share=0)

    press(qtbot, view, "w")
    qtbot.keyClicks(view.panel.note, "odd")
    qtbot.keyClick(view.panel.note, Qt.Key.Key_Return)

    assert view.model.done == 0
    assert view.model.marks.note == "odd"


def test_what_is_no_grade_is_said_and_not_kept(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study), share=0)

    press(qtbot, view, "7")
    qtbot.keyClicks(view.panel.grade, "4a")
    qtbot.keyClick(view.panel.grade, Qt.Key.Key_Return)

    assert "not a Gardner grade" in view.hint.text()
    qtbot.keyClick(view.panel.grade, Qt.Key.Key_Escape)
    assert view.model.marks.looks_like == ""


def test_the_form_says_what_a_review_can_show(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    form = page.plan.form
    qtbot.waitUntil(lambda: "95\u00a0% interval" in form.power)

    form.mode.setCurrentIndex(form.mode.findData(Mode.PAIR.value))

    assert not form.start.isEnabled()  # no second batch
    form.mode.setCurrentIndex(form.mode.findData(Mode.CHOICE.value))
    assert form.start.isEnabled()
    qtbot.waitUntil(lambda: "chance" in form.power or "too few" in form.power)
    form.share.setValue(0)
    assert not form.start.isEnabled()


def test_several_readers_get_a_session_each_and_the_own_one_opens(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    page.plan.form.readers.setText("Bob, Ada")

    page.plan.form.start.click()
    qtbot.waitUntil(lambda: page.session is not None)

    assert page.session is not None
    assert page.session.model.session.reviewer == "Ada"
    assert [session.reviewer for session in study.reviews.sessions()] == ["Bob", "Ada"]
