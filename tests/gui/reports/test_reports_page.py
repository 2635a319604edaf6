"""The Reports page on real reviews: what is listed, shown and written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.gui.reports.contents import list_reports
from blasto_annotator.gui.reports.model_view import ModelView
from blasto_annotator.gui.reports.page import ReportsPage
from blasto_annotator.gui.state import AppState
from blasto_annotator.store import Project
from tests.gui.material import draw_frames, write_batch_of
from tests.reports.test_model_card import checkpoint


@pytest.fixture
def reviewed(project: Project, tmp_path: Path) -> Project:
    """One batch, judged by two reviewers."""
    write_batch_of(project, draw_frames(tmp_path / "frames"))
    for reviewer, realism in (("Ada", Realism.PERFECT), ("Ben", Realism.MINOR_FLAWS)):
        (session,) = plan_review(project, ReviewPlan(("20260101-120000",), (reviewer,), repeat_share=0))
        for item in session.items:
            project.reviews.record(session.id, session.batch, item, reviewer, Verdict(realism))
    return project


@pytest.fixture
def page(qtbot: QtBot, reviewed: Project) -> ReportsPage:
    state = AppState()
    made = ReportsPage(state)
    state.setParent(made)
    qtbot.addWidget(made)
    state.set_project(reviewed)
    made.show()
    made.activated()
    qtbot.waitUntil(lambda: made.table is not None)
    return made


def test_the_whole_each_batch_and_each_reviewer_have_a_report(reviewed: Project) -> None:
    assert [(entry.title, entry.verdicts) for entry in list_reports(reviewed)] == [
        ("All reviews", 12), ("Batch 20260101-120000", 12), ("Reviewer Ada", 6), ("Reviewer Ben", 6),
    ]  # fmt: skip


def test_a_project_without_verdicts_has_no_report(project: Project) -> None:
    assert list_reports(project) == []


def test_the_chosen_report_is_shown_and_written(qtbot: QtBot, page: ReportsPage, tmp_path: Path) -> None:
    page.list.setCurrentRow(2)
    qtbot.waitUntil(lambda: page.table is not None and page.table.reviewers == ("Ada",))
    for suffix in (".html", ".csv", ".md", ".json"):
        path = tmp_path / f"report{suffix}"
        with qtbot.waitSignal(page.written):
            page.export(path)
        assert path.stat().st_size > 0
    with (tmp_path / "report.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[-1]["perfect"] == "6"
    assert json.loads((tmp_path / "report.json").read_text())["reviewers"] == ["Ada"]


def test_a_model_has_its_card_and_is_put_into_use(qtbot: QtBot, project: Project, tmp_path: Path) -> None:
    older, newer = checkpoint(project, "run-a", "aaaa"), checkpoint(project, "run-b", "bbbb")
    project.models.promote(older, "Ann")
    state = AppState()
    page = ReportsPage(state)
    qtbot.addWidget(page)
    state.set_project(project)
    state.set_grader("Ann")
    page.show()
    page.activated()
    qtbot.waitUntil(lambda: page.list.count() == 2)
    assert page.list.item(0).text().startswith("Model run-a, in use")

    page.list.setCurrentRow(1)
    qtbot.waitUntil(lambda: page.findChild(ModelView) is not None and page.card is not None)
    qtbot.waitUntil(lambda: page.card is not None and "run-b" in page.card.title)
    page.export(tmp_path / "card.md")
    qtbot.waitUntil((tmp_path / "card.md").exists)
    view = next(v for v in page.findChildren(ModelView) if v.isVisible())
    view.use.click()

    qtbot.waitUntil(lambda: project.models.current() == newer.relative_to(project.folder).as_posix())
    qtbot.waitUntil(lambda: page.list.item(0).text().startswith("Model run-b, in use"))
