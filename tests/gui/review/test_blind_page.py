"""On the pages: results wait, sessions open under their own reader, verdicts stand after the reveal."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Realism, ReviewSession, Verdict
from blasto_annotator.gui import background
from blasto_annotator.gui.reports.page import ReportsPage
from blasto_annotator.gui.review.page import ReviewPage
from blasto_annotator.gui.state import AppState
from blasto_annotator.store import Project
from tests.gui.review.conftest import OpenPage


def plan(project: Project, page: ReviewPage) -> tuple[ReviewSession, ReviewSession]:
    batch = page.batches.rows()[0].name
    ada, bob = plan_review(project, ReviewPlan((batch,), ("Ada", "Bob"), real_share=0.3, repeat_share=0))
    return ada, bob


def finish(project: Project, session: ReviewSession) -> None:
    for item in session.items:
        project.reviews.record(session.id, session.batch, item, session.reviewer, Verdict(Realism.PERFECT))


def buttons(page: ReviewPage) -> list[str]:
    return [made.text() for made in page.plan.findChildren(QPushButton) if made.isVisible()]


def test_a_session_of_another_reader_asks_for_that_reader(
    qtbot: QtBot, study: Project, open_page: OpenPage, state: AppState
) -> None:
    page = open_page(study)
    _, bob = plan(study, page)
    page.reload()
    qtbot.waitUntil(lambda: {"Continue", "Continue as Bob"} <= set(buttons(page)))
    asked: list[str] = []
    state.grader_requested.connect(asked.append)

    page.open_session(bob)

    assert (asked, page.session) == (["Bob"], None)
    state.set_grader("Bob")  # as after the right PIN
    qtbot.waitUntil(lambda: page.session is not None)
    assert page.session is not None
    assert page.session.model.session.reviewer == "Bob"


def test_results_wait_for_a_reader_with_images_to_judge(
    qtbot: QtBot,
    study: Project,
    open_page: OpenPage,
    state: AppState,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(study)
    ada, _ = plan(study, page)
    finish(study, ada)
    state.set_grader("Bob")
    said: list[Exception] = []
    # the page stands alone here, without a window that would say it
    monkeypatch.setattr(background, "report_error", lambda asker, error: said.append(error))

    page.show_reveal(ada)
    qtbot.waitUntil(lambda: bool(said))

    assert isinstance(said[0], UserError)
    assert page.reveal is None


def test_after_the_reveal_there_is_nothing_to_correct(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    ada, _ = plan(study, page)
    finish(study, ada)
    page.reload()
    qtbot.waitUntil(lambda: "Look again" in buttons(page))

    page.show_reveal(ada)
    qtbot.waitUntil(lambda: page.reveal is not None)
    page.go_home()

    qtbot.waitUntil(lambda: page.plan.isVisible() and "Look again" not in buttons(page))
    assert "Results" in buttons(page)


@pytest.mark.parametrize("reader", ["Bob", ""])
def test_figures_of_an_open_session_wait(
    qtbot: QtBot, study: Project, open_page: OpenPage, state: AppState, reader: str
) -> None:
    page = open_page(study)
    ada, bob = plan(study, page)
    finish(study, ada)
    reports = ReportsPage(state)
    qtbot.addWidget(reports)
    state.set_grader(reader)
    reports.show()
    reports.activated()

    def said() -> str:
        return " ".join(label.text() for label in reports.findChildren(QLabel) if label.isVisible())

    qtbot.waitUntil(lambda: "These figures wait" in said())
    assert reports.table is None

    finish(study, bob)
    reports.activated()
    reports.list.setCurrentRow(-1)
    reports.list.setCurrentRow(0)
    qtbot.waitUntil(lambda: reports.table is not None)
