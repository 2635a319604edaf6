"""The Agreement page on real labels: figures, blindness, adjudication by keys, undo, export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.agreement import decisions
from blasto_annotator.gui.agreement.page import ADJUDICATE, AgreementPage
from blasto_annotator.gui.state import AppState
from blasto_annotator.store import Project
from blasto_annotator.store.location import parse_url
from tests.gui.material import GRADES, draw_frames, label_frames
from tests.gui.test_accessible_names import nameless
from tests.postgresql import Server


@pytest.fixture
def panel(project: Project, tmp_path: Path) -> Project:
    """Twelve frames that Ada graded; Ben agrees but for two embryos; Cy graded one frame."""
    drawn = draw_frames(tmp_path / "frames")
    label_frames(project, drawn, "Ada")
    for label in project.labels.current("Ada"):
        frame = project.frames.get(label.frame_id)
        number = int(frame.embryo[1:])
        said = {0: "4BA", 4: "4CC"}.get(number, GRADES[number])
        project.labels.record(frame.id, label.sha256, "Ben", LabelEntry(parse_grade(said)))
    (frame,) = project.frames.by_path("e4_0.png")
    project.labels.record(
        frame.id, project.frames.ensure_hash(frame.id), "Cy", LabelEntry(parse_grade("4AA"))
    )
    return project


@pytest.fixture
def page(qtbot: QtBot, panel: Project) -> AgreementPage:
    return open_page(qtbot, panel, "Ada")


def open_page(qtbot: QtBot, project: Project, grader: str) -> AgreementPage:
    state = AppState()
    made = AgreementPage(state)
    state.setParent(made)
    qtbot.addWidget(made)
    made.resize(1180, 640)
    state.set_project(project)
    state.set_grader(grader)
    made.show()
    made.activated()
    qtbot.waitUntil(lambda: made.part is not None)
    return made


def go_to(qtbot: QtBot, page: AgreementPage, criterion: str) -> None:
    with qtbot.waitSignal(page.shown):
        page.choose_criterion(criterion)


def test_the_figures_are_read_out_in_plain_words(qtbot: QtBot, page: AgreementPage) -> None:
    go_to(qtbot, page, "icm")

    assert page.figures.reading.text().startswith("Two of these graders give an image the same ICM in ")
    assert page.figures.basis.text() == "12 images of 6 embryos graded by two or more."
    assert nameless(page) == []


def test_a_pair_is_chosen_in_the_matrix_by_keys_and_its_differences_shown(
    qtbot: QtBot, page: AgreementPage
) -> None:
    go_to(qtbot, page, "icm")
    page.tabs.setCurrentIndex(1)
    page.pairs.matrix.choose(0, 1)

    assert page.pairs.pair.text() == "Ada and Ben"
    assert page.pairs.matrix.cell_at(0, 1).text == "(.83)"  # ten of twelve; few images stand in brackets
    assert page.pairs.confusion.cell_at(0, 1).text == "2"  # Ada says A, Ben B, of the two frames of embryo 0
    qtbot.keyClick(page.pairs.matrix, Qt.Key.Key_Right)
    assert page.pairs.pair.text() == "Ada and Cy"
    qtbot.keyClick(page.pairs.matrix, Qt.Key.Key_Down)
    assert page.pairs.pair.text() == "Ben and Cy"
    qtbot.keyClick(page.pairs.matrix, Qt.Key.Key_Left)  # over the diagonal, which is no pair
    assert page.pairs.pair.text() == "Ben and Ada"


def test_graders_are_left_out_and_come_back(qtbot: QtBot, page: AgreementPage) -> None:
    with qtbot.waitSignal(page.shown):
        page.choose_graders(("Ada", "Ben"))
    assert page.part is not None
    assert page.part.result.ratings.graders == ("Ada", "Ben")
    with qtbot.waitSignal(page.shown):
        page.choose_graders(("Ada", "Ben", "Cy"))
    assert page.part.result.ratings.graders == ("Ada", "Ben", "Cy")


def test_the_report_of_the_chosen_graders_is_written(
    qtbot: QtBot, page: AgreementPage, tmp_path: Path
) -> None:
    page.choose_graders(("Ada", "Ben"))
    with qtbot.waitSignal(page.written):
        page.export(tmp_path / "agreement.json")

    value = json.loads((tmp_path / "agreement.json").read_text("utf-8"))
    assert value["graders"] == ["Ada", "Ben"]
    assert list(value["criteria"]) == ["expansion", "icm", "te", "group"]


def test_the_deciding_letter_is_typed_and_the_decision_undone(
    qtbot: QtBot, page: AgreementPage, panel: Project
) -> None:
    page.tabs.setCurrentIndex(ADJUDICATE)
    view = page.adjudicate
    assert page.tabs.tabText(ADJUDICATE) == "Adjudicate (3)"
    assert view.model.current is not None
    assert view.model.current.frame.path == "e4_0.png"  # poor, poor and good: the worst
    assert view.question.text() == "Which ICM?"

    qtbot.keyClick(view, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: view.model.open == 2)
    assert page.tabs.tabText(ADJUDICATE) == "Adjudicate (2)"
    (row,) = panel.adjudications.current()
    assert (row.adjudicator, str(row.entry and row.entry.grade)[:2]) == ("Ada", "4C")
    assert row.basis["asked"] == ["icm"]

    page.undo()
    qtbot.waitUntil(lambda: view.model.open == 3)
    assert panel.adjudications.current() == []
    assert view.model.current.frame.path == "e4_0.png"

    page.redo()
    qtbot.waitUntil(lambda: view.model.open == 2)
    assert [row.why for row in panel.adjudications.current()] == ["redo"]
    assert panel.audit.verify() is None


def test_half_an_answer_is_shown_and_taken_back(qtbot: QtBot, page: AgreementPage, panel: Project) -> None:
    view = page.adjudicate
    press_letter(qtbot, page, "A")  # good, poor and poor: at ICM A the TE decides
    assert view.question.text() == "Which TE?"
    assert view.hint.text() == "ICM A so far; Backspace takes it back."
    qtbot.keyClick(view, Qt.Key.Key_Backspace)
    assert view.question.text() == "Which ICM?"
    qtbot.keyClick(view, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: view.model.open == 2)
    (row,) = panel.adjudications.current()
    assert row.basis["asked"] == ["icm"]


def test_decisions_are_undone_and_redone_after_a_restart(
    qtbot: QtBot, page: AgreementPage, panel: Project
) -> None:
    for letter, left in (("C", 2), ("A", 1)):
        press_letter(qtbot, page, letter)
        qtbot.waitUntil(lambda left=left: page.adjudicate.model.open == left)
    first, second = panel.adjudications.current()

    view = open_page(qtbot, panel, "Ada").adjudicate
    for left in (2, 3):
        view.undo()
        qtbot.waitUntil(lambda left=left: view.model.open == left)
    assert panel.adjudications.current() == []
    view.redo()
    qtbot.waitUntil(lambda: view.model.open == 2)

    later = open_page(qtbot, panel, "Ada").adjudicate  # what was undone can still be redone
    later.redo()
    qtbot.waitUntil(lambda: later.model.open == 1)
    again = panel.adjudications.current()
    assert [row.entry for row in again] == [first.entry, second.entry]
    assert [row.why for row in again] == ["redo", "redo"]
    later.redo()
    assert later.decisions.act is None
    assert panel.audit.verify() is None


def test_nobody_undoes_what_somebody_else_decided_since(
    qtbot: QtBot, page: AgreementPage, panel: Project
) -> None:
    view = page.adjudicate
    press_letter(qtbot, page, "C")
    qtbot.waitUntil(lambda: view.model.open == 2)
    (mine,) = panel.adjudications.current()
    theirs = panel.adjudications.record(mine.frame_id, mine.sha256, "Ben", mine.entry, mine.basis)

    view.undo()
    qtbot.waitUntil(view.notice.isVisible)

    assert "Ben decided this image since then" in view.notice.sentence.text()
    assert panel.adjudications.current() == [theirs]
    view.notice.give_up.emit()
    assert not view.notice.isVisible()


def test_a_decision_that_cannot_be_saved_stays_on_screen_until_it_can(
    qtbot: QtBot, page: AgreementPage, panel: Project
) -> None:
    view, aside = page.adjudicate, panel.folder.with_name("aside")
    panel.folder.rename(aside)
    press_letter(qtbot, page, "C")
    qtbot.waitUntil(view.notice.isVisible)

    assert "moved, deleted or replaced" in view.notice.sentence.text()
    assert view.notice.title.text().endswith("adjudicated 4CC: poor")
    press_letter(qtbot, page, "A")  # one decision at a time: the one that waits stays
    assert view.decisions.waiting() == 1
    assert nameless(page) == []
    aside.rename(panel.folder)
    view.notice.retry.emit()
    qtbot.waitUntil(lambda: view.model.open == 2)

    assert not view.notice.isVisible()
    (row,) = panel.adjudications.current()
    assert row.entry is not None
    assert str(row.entry.grade) == "4CC"


def test_a_decision_whose_answer_was_lost_is_tried_again_and_stored_once(
    qtbot: QtBot, postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "FIRST_WAIT_MS", 50)
    database = postgresql.new_database()
    with Project.create(tmp_path / "seat", database=database) as made:
        label_frames(made, draw_frames(tmp_path / "frames"), "Ada")
        for label in made.labels.current("Ada")[:2]:
            made.labels.record(label.frame_id, label.sha256, "Ben", LabelEntry(parse_grade("4CA")))
    with postgresql.proxy() as line:
        through = parse_url(database).set(port=line.port).render_as_string(hide_password=False)
        with Project.join(tmp_path / "other seat", through) as second:
            page = open_page(qtbot, second, "Ada")
            view, left = page.adjudicate, page.adjudicate.model.open
            qtbot.waitUntil(lambda: view.view.image is not None)  # nothing else is on the line
            line.lose_answer.set()
            with qtbot.waitSignal(view.decisions.stuck):
                press_letter(qtbot, page, "B")
            assert "kept and tried again" in view.notice.sentence.text()
            qtbot.waitUntil(lambda: view.model.open == left - 1 and view.view.image is not None)
            assert not view.notice.isVisible()
            (row,) = second.adjudications.current()
            assert second.adjudications.history(row.sha256) == [row]
            assert second.audit.verify() is None


def press_letter(qtbot: QtBot, page: AgreementPage, letter: str) -> None:
    page.tabs.setCurrentIndex(ADJUDICATE)
    qtbot.keyClick(page.adjudicate, letter)


def test_names_are_hidden_until_asked_for_and_kept_with_the_decision(
    qtbot: QtBot, page: AgreementPage, panel: Project
) -> None:
    view = page.adjudicate
    assert not view.model.revealed
    qtbot.keyClick(view, Qt.Key.Key_R)
    assert view.model.revealed
    assert "Advice only" in view.advice.text()

    qtbot.keyClick(view, Qt.Key.Key_A)
    qtbot.keyClick(view, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: bool(panel.adjudications.current()))
    assert panel.adjudications.current()[0].basis["revealed"] is True


def test_colleagues_grades_of_an_image_are_shown_after_ones_own_only(qtbot: QtBot, panel: Project) -> None:
    panel.graders.add("Eva", "Eva", may_adjudicate=True)
    panel.graders.add("Cy", "Eva", may_adjudicate=False)

    of_cy = open_page(qtbot, panel, "Cy").adjudicate
    of_eva = open_page(qtbot, panel, "Eva").adjudicate

    assert [dispute.frame.path for dispute in of_cy.model.disputes] == ["e4_0.png"]
    assert len(of_eva.model.disputes) == 3
    qtbot.keyClick(of_cy, Qt.Key.Key_C)
    assert "Only an adjudicator decides" in of_cy.hint.text()
    qtbot.keyClick(of_eva, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: of_eva.model.open == 2)
    assert [row.adjudicator for row in panel.adjudications.current()] == ["Eva"]


def test_one_grader_alone_is_told_what_is_missing(qtbot: QtBot, project: Project, tmp_path: Path) -> None:
    label_frames(project, draw_frames(tmp_path / "frames"), "Ada")
    state = AppState()
    made = AgreementPage(state)
    state.setParent(made)
    qtbot.addWidget(made)
    state.set_project(project)
    made.show()
    made.activated()

    qtbot.waitUntil(lambda: "Ada has graded 12 moments" in made.empty.sentence.text())
    assert made.empty.isVisible()
