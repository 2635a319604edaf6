"""The Review page on a real project: keys become rows, nothing betrays a real frame, nothing is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.reviews import ItemKind, Realism, ReviewItem, Verdict
from blasto_annotator.gui.review.page import ReviewPage
from blasto_annotator.gui.review.saving import Unanswered
from blasto_annotator.gui.review.session_model import Step
from blasto_annotator.gui.review.session_view import SessionView
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.empty_state import EmptyState
from blasto_annotator.reports.review_table import review_table
from blasto_annotator.store import Project
from blasto_annotator.store.location import parse_url
from tests.conftest import fill_disk
from tests.gui.material import copy_of, label_frames, write_batch_of
from tests.gui.review.conftest import OpenPage, begin, saved, shown
from tests.postgresql import Server


def verdicts(project: Project, view: SessionView) -> dict[int, Verdict | None]:
    found = project.reviews.of_session(view.model.session.id)
    return {position: review.verdict for position, review in found.items()}


def type_keys(qtbot: QtBot, view: SessionView, keys: str) -> None:
    qtbot.keyClicks(view, keys)
    saved(qtbot, view)


def test_keys_become_rows_and_the_page_turns(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study))
    type_keys(qtbot, view, "1was2x3")
    assert verdicts(study, view)[0] == Verdict(Realism.PERFECT)
    assert verdicts(study, view)[1] == Verdict(
        Realism.MINOR_FLAWS, wrong_class=True, defects=("zona_thickness", "zona_merged")
    )
    third = verdicts(study, view)[2]
    assert third is not None
    assert third.realism is Realism.IMPLAUSIBLE
    assert view.model.position == 3


def test_wrong_class_alone_is_given_with_enter(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert verdicts(study, view) == {}
    qtbot.keyClicks(view, "w")
    qtbot.keyClick(view, Qt.Key.Key_Return)
    saved(qtbot, view)
    assert verdicts(study, view) == {0: Verdict(None, wrong_class=True)}


def test_while_staying_marks_come_in_any_order(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study))
    type_keys(qtbot, view, "e2wg")
    assert verdicts(study, view) == {}
    qtbot.keyClick(view, Qt.Key.Key_Return)
    saved(qtbot, view)
    assert verdicts(study, view) == {0: Verdict(Realism.MINOR_FLAWS, wrong_class=True, defects=("mirror",))}


def test_a_note_is_typed_without_giving_verdicts(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study))
    qtbot.keyClicks(view, "n")
    assert view.window().focusWidget() is view.panel.note
    qtbot.keyClicks(view.panel.note, "2 cells at 3")
    qtbot.keyClick(view.panel.note, Qt.Key.Key_Return)
    assert verdicts(study, view) == {}
    type_keys(qtbot, view, "1")
    assert verdicts(study, view) == {0: Verdict(Realism.PERFECT, note="2 cells at 3")}


def test_undo_withdraws_and_redo_gives_again(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    view = begin(qtbot, page)
    type_keys(qtbot, view, "w1")
    page.undo()
    saved(qtbot, view)
    assert verdicts(study, view) == {}
    assert view.model.position == 0
    assert view.panel.wrong_class.isChecked()
    page.redo()
    saved(qtbot, view)
    assert verdicts(study, view) == {0: Verdict(Realism.PERFECT, wrong_class=True)}
    assert [row.action for row in study.audit.rows()][-3:] == ["review", "review.withdraw", "review"]


def test_a_click_does_what_the_key_does(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study))
    qtbot.mouseClick(view.panel.defects["other"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.panel.realism[Realism.IMPLAUSIBLE], Qt.MouseButton.LeftButton)
    saved(qtbot, view)
    assert verdicts(study, view) == {0: Verdict(Realism.IMPLAUSIBLE, defects=("other",))}


def test_nine_at_a_time_judges_the_chosen_tile(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study))
    qtbot.keyClicks(view, "9")
    point = view.grid.tile(4).center().toPoint()
    qtbot.mouseClick(view.grid, Qt.MouseButton.LeftButton, pos=point)
    type_keys(qtbot, view, "3")
    assert verdicts(study, view) == {4: Verdict(Realism.IMPLAUSIBLE)}
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.model.position == 2


def test_zoom_stays_from_image_to_image(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    view = begin(qtbot, open_page(study))
    qtbot.keyClicks(view, "+++")
    zoom = view.image.zoom
    for key in ("i", "1", "1"):
        qtbot.keyClicks(view, key)
        qtbot.waitUntil(lambda: view.showing)
        assert view.image.zoom == zoom
    qtbot.keyClicks(view, "0")
    assert view.image.fitted


def described(view: SessionView) -> tuple[str, ...]:
    """All that the page says in words, places that count images left out."""
    found = []
    for widget in [view, *view.findChildren(QWidget)]:
        words = [
            widget.toolTip(),
            widget.accessibleName(),
            widget.accessibleDescription(),
            widget.objectName(),
        ]
        words += [widget.text()] if isinstance(widget, QLabel) else []
        found += [re.sub(r"Image \d+ of", "Image n of", text) for text in words if text]
    return tuple(found)


def test_nothing_on_screen_tells_real_from_generated(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    view = begin(qtbot, open_page(study), share=0.5)
    model = view.model
    kinds: dict[str, set[ItemKind]] = {}
    said: dict[str, set[object]] = {}
    for position in range(model.total):
        qtbot.waitUntil(lambda: view.showing)
        image = view.image.image
        assert image is not None
        look = (image.size().toTuple(), image.format(), view.image.zoom, described(view))
        kinds.setdefault(model.item.class_name, set()).add(model.item.kind)
        said.setdefault(model.item.class_name, set()).add(look)
        if position < model.total - 1:
            qtbot.keyClick(view, Qt.Key.Key_Right)
    assert any(len(both) == 2 for both in kinds.values())
    assert all(len(looks) == 1 for looks in said.values())


def test_a_paused_review_goes_on_in_another_window(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    view = begin(qtbot, page)
    type_keys(qtbot, view, "12")
    session = view.model.session
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert page.session is None
    other = open_page(study)
    other.open_session(session)
    qtbot.waitUntil(lambda: other.session is not None)
    again = shown(qtbot, other)
    assert again.model.position == 2
    assert again.model.done == 2


def test_a_full_disk_keeps_the_verdict_on_screen(
    qtbot: QtBot, small_disk: Path, drawn: list[Path], tmp_path: Path, open_page: OpenPage, state: AppState
) -> None:
    frames = copy_of(drawn, tmp_path / "frames")
    with Project.create(small_disk / "project") as project:
        label_frames(project, frames)
        write_batch_of(project, frames)
        view = begin(qtbot, open_page(project))
        filler = fill_disk(small_disk)
        with qtbot.waitSignal(state.message) as told:
            qtbot.keyClicks(view, "d2")
        assert told.args is not None
        assert told.args[0] == "error"
        assert "not saved" in told.args[1]
        assert view.model.position == 0
        assert view.panel.realism[Realism.MINOR_FLAWS].isChecked()
        assert view.panel.defects["shape"].isChecked()
        filler.unlink()
        type_keys(qtbot, view, "2")
        assert verdicts(project, view) == {0: Verdict(Realism.MINOR_FLAWS, defects=("shape",))}


def test_a_verdict_whose_answer_was_lost_is_stored_once(
    qtbot: QtBot,
    postgresql: Server,
    drawn: list[Path],
    tmp_path: Path,
    open_page: OpenPage,
    state: AppState,
) -> None:
    database = postgresql.new_database()
    with Project.create(tmp_path / "seat", database=database) as made:
        label_frames(made, copy_of(drawn, tmp_path / "frames"))
    with postgresql.proxy() as line:
        through = parse_url(database).set(port=line.port).render_as_string(hide_password=False)
        with Project.join(tmp_path / "other seat", through) as project:
            write_batch_of(project, drawn)
            view = begin(qtbot, open_page(project))
            said: list[str] = []
            state.message.connect(lambda kind, words: said.append(words))
            line.lose_answer.set()
            type_keys(qtbot, view, "12")
            saved(qtbot, view)
            assert not line.lose_answer.is_set()
            assert verdicts(project, view) == {0: Verdict(Realism.PERFECT), 1: Verdict(Realism.MINOR_FLAWS)}
            assert said == []
            assert [row.action for row in project.audit.rows()].count("review") == 2
            assert project.audit.verify() is None


def test_the_same_verdict_after_a_failure_is_known_by_when_it_was_given(study: Project) -> None:
    item = ReviewItem(0, ItemKind.GENERATED, "a" * 64, "good", "images/00000.png")
    session = study.reviews.start("b", "Ada", [item], 0, 0.0)
    perfect, flawed = Verdict(Realism.PERFECT), Verdict(Realism.MINOR_FLAWS)
    unanswered, step = Unanswered(), Step(0, None, perfect)
    moment = unanswered.moment(session, step)
    unanswered.failed(session, step, moment)

    assert unanswered.moment(session, Step(0, None, perfect)) == moment
    assert unanswered.moment(session, Step(0, None, flawed)) > moment
    unanswered.saved(session, step)
    assert unanswered.moment(session, Step(0, None, perfect)) > moment


def test_the_reveal_shows_the_figures_of_the_report(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    view = begin(qtbot, page)
    for position in range(view.model.total):
        type_keys(qtbot, view, "123"[position % 3])
    assert view.model.complete
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.reveal is not None)
    table = review_table(study, view.model.session.batch, "Ada")
    assert page.reveal is not None
    words = {label.text() for label in page.reveal.findChildren(QLabel)}
    pooled = table.whole.generated[-1].perfect
    assert f"{pooled.count}   {pooled.value:.1%}".replace("%", " %") in words
    assert "Real controls, mixed in blind" in words


def test_a_project_without_batches_says_where_they_come_from(
    qtbot: QtBot, project: Project, state: AppState
) -> None:
    page = ReviewPage(state)
    qtbot.addWidget(page)
    asked: list[str] = []
    state.page_requested.connect(asked.append)
    state.set_project(project)
    page.show()
    page.activated()
    qtbot.waitUntil(lambda: page.findChild(EmptyState).isVisible())
    page.findChild(EmptyState).findChild(QPushButton).click()
    assert asked == ["train"]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_share_of_real_frames_is_of_the_whole_session(
    qtbot: QtBot, study: Project, open_page: OpenPage, share: float
) -> None:
    view = begin(qtbot, open_page(study), share=share)
    first_looks = [item for item in view.model.session.items if not item.role]
    real = sum(item.kind is ItemKind.REAL for item in first_looks)
    assert real == round(share * len(first_looks))
