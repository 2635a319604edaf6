"""A real project of small frames, a window on it, and settings of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # in-process windows need no display; children choose their own

from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.theme import apply_theme
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project

EMBRYOS = ("E1", "E2", "E10")
MOMENTS = 3
PLANES = (-15, 0, 15)
SIDE = 48
PATIENCE_MS = 120_000
"""What is waited for comes within milliseconds; a busy machine is no failure."""
PATTERN = r"(?P<embryo>[^/]+)/RUN(?P<frame>\d+)_F(?P<plane>-?\d+)_(?P<hpi>[\d.]+)h\.png"


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """pytest-qt's, more patient."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitCallback"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE_MS))
    return qtbot


def draw_time_lapse(folder: Path) -> Path:
    """Three embryos at three moments and three planes; every file has other content."""
    rng = np.random.default_rng(1)
    for embryo in EMBRYOS:
        (folder / embryo).mkdir(parents=True)
        for moment in range(1, MOMENTS + 1):
            for plane in PLANES:
                pixels = rng.integers(0, 255, (SIDE, SIDE), dtype=np.uint8)
                name = f"RUN{moment}_F{plane}_{100 + 4 * moment}.0h.png"
                Image.fromarray(pixels).save(folder / embryo / name)
    return folder


def make_project(folder: Path, frames: Path) -> Path:
    """A project with the frames imported; closed again."""
    with Project.create(folder) as project:
        import_source(project, frames, "folder", {"pattern": PATTERN})
    return folder


@pytest.fixture(scope="session")
def frames_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The time lapse's files; nobody changes them."""
    return draw_time_lapse(tmp_path_factory.mktemp("source") / "frames")


@pytest.fixture(scope="session")
def fresh_project(tmp_path_factory: pytest.TempPathFactory, frames_folder: Path) -> Path:
    """A closed project of the time lapse, to be copied."""
    return make_project(tmp_path_factory.mktemp("fresh") / "cohort", frames_folder)


@pytest.fixture
def project_folder(tmp_path: Path, fresh_project: Path) -> Path:
    """A closed project of the time lapse, this test's own."""
    return Path(shutil.copytree(fresh_project, tmp_path / "cohort"))


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes this user's settings, logs or documents."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_DOCUMENTS_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[], MainWindow]]:
    """Makes main windows of the same settings; whatever they leave is closed and gone after the test."""
    made: list[MainWindow] = []
    apply_theme(qapp, "dark")

    def make() -> MainWindow:
        made.append(MainWindow(Settings(tmp_path / "window.ini"), tmp_path / f"window-{len(made)}.log"))
        made[-1].show()
        return made[-1]

    yield make
    for each in made:
        qtbot.waitUntil(each.close)
        each.deleteLater()
    qtbot.waitUntil(lambda: not any(isValid(each) for each in made))


@pytest.fixture
def window(make_window: Callable[[], MainWindow]) -> MainWindow:
    """The main window with nothing open."""
    return make_window()


@pytest.fixture
def open_window(window: MainWindow, qtbot: QtBot) -> Callable[..., LabelPage]:
    """Opens a project in the window, as this grader, and waits for the first frame."""

    def open_it(folder: Path, grader: str = "Ada") -> LabelPage:
        window.projects.open(folder)
        qtbot.waitUntil(lambda: window.state.project is not None)
        page = window.page("label")
        assert isinstance(page, LabelPage)
        window.state.set_grader(grader)
        qtbot.waitUntil(lambda: page.flow.grading.on_screen is not None)
        return page

    return open_it


@pytest.fixture
def label_page(open_window: Callable[..., LabelPage], project_folder: Path) -> LabelPage:
    """The Label page on the time lapse, its first frame on screen, Ada grading."""
    return open_window(project_folder)
