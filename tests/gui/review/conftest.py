"""A project with labelled drawn frames and a generated batch, and the Review page on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.review_plan import ReviewPlan
from blasto_annotator.gui.review.page import ReviewPage
from blasto_annotator.gui.review.session_view import SessionView
from blasto_annotator.gui.state import AppState
from blasto_annotator.store import Project
from tests.gui.material import copy_of, draw_frames, label_frames, write_batch_of


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twelve drawn frames."""
    return draw_frames(tmp_path_factory.mktemp("drawn") / "frames")


@pytest.fixture
def study(project: Project, drawn: list[Path], tmp_path: Path) -> Project:
    """The project with labels and one batch."""
    frames = copy_of(drawn, tmp_path / "frames")
    label_frames(project, frames)
    write_batch_of(project, frames)
    return project


@pytest.fixture
def state(qtbot: QtBot) -> AppState:
    """The application's state, without a project yet."""
    return AppState()


OpenPage = Callable[[Project], ReviewPage]


@pytest.fixture
def open_page(qtbot: QtBot, state: AppState) -> OpenPage:
    """Shows the page on a project, its batches listed."""

    def opened(project: Project) -> ReviewPage:
        page = ReviewPage(state)
        qtbot.addWidget(page)
        page.resize(1200, 640)
        state.set_project(project)
        state.set_grader("Ada")
        page.show()
        page.activated()
        qtbot.waitUntil(lambda: page.batches.list.count() > 0)
        return page

    return opened


def begin(qtbot: QtBot, page: ReviewPage, share: float = 0.3, reviewer: str = "Ada") -> SessionView:
    """Starts a review and waits for its first picture."""
    plan = ReviewPlan((page.batches.rows()[0].name,), (reviewer,), real_share=share, repeat_share=0)
    page.start(plan)
    qtbot.waitUntil(lambda: page.session is not None)
    return shown(qtbot, page)


def shown(qtbot: QtBot, page: ReviewPage) -> SessionView:
    """The session on screen, its picture painted."""
    view = page.session
    assert isinstance(view, SessionView)
    qtbot.waitUntil(lambda: view.showing)
    return view


def saved(qtbot: QtBot, view: SessionView) -> None:
    """Waits until no row is on its way."""
    qtbot.waitUntil(lambda: not view.model.busy)
