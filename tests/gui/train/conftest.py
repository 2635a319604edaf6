"""A labelled project, the Train page on it, and trainers that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.selection import SnapshotOptions
from blasto_annotator.curation.snapshot import build
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.page import TrainPage
from blasto_annotator.store import Project
from blasto_annotator.training.runs import create_run
from gan.contract.run_folder import RunFolder
from tests.conftest import end_trainers
from tests.gui.material import copy_of, draw_frames, label_frames
from tests.training.presets import TINY

START_MS = 300_000
"""A trainer loads torch first, on a machine that may be busy."""
OpenPage = Callable[[Project], TrainPage]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twelve drawn frames."""
    return draw_frames(tmp_path_factory.mktemp("drawn") / "frames")


@pytest.fixture
def study(project: Project, drawn: list[Path], tmp_path: Path) -> Iterator[Project]:
    """The project with labels; trainers that still live at the end are ended."""
    label_frames(project, copy_of(drawn, tmp_path / "frames"))
    yield project
    end_trainers(project.runs)


@pytest.fixture
def new_run(study: Project) -> Callable[[float], RunFolder]:
    """Makes a run of a tiny network with this goal in kimg; nothing is started."""

    def made(kimg: float) -> RunFolder:
        snapshot = build(study, SnapshotOptions(size=TINY.resolution, thin_distance=0))
        return create_run(study, snapshot, TINY, kimg=kimg)

    return made


@pytest.fixture
def state(qtbot: QtBot) -> AppState:
    """The application's state, without a project yet."""
    return AppState()


@pytest.fixture
def open_page(qtbot: QtBot, state: AppState) -> OpenPage:
    """Shows the page on a project."""

    def opened(project: Project) -> TrainPage:
        page = TrainPage(state)
        qtbot.addWidget(page, before_close_func=lambda shown: shown.remember())
        page.resize(1200, 640)
        state.set_project(project)
        state.set_grader("Ada")
        page.show()
        page.activated()
        return page

    return opened


def chosen(qtbot: QtBot, page: TrainPage, run: RunFolder) -> None:
    """Chooses a run and waits until it is read."""
    qtbot.waitUntil(lambda: run.path in [row.folder.path for row in page.watcher.rows])
    page.runs.choose(run.path)
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.folder == run.path)
