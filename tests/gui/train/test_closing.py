"""Closing the window while a run is alive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.train.page import TrainPage
from blasto_annotator.store import Project
from gan.contract.locking import FileLock
from gan.contract.run_folder import RunFolder


@pytest.fixture
def living_run(study: Project, new_run: Callable[[float], RunFolder]) -> Iterator[RunFolder]:
    """A run whose lock is held, as a living trainer holds it."""
    run = new_run(1.0)
    run.events.touch()
    lock = FileLock(run.alive)
    yield run
    lock.release()


@pytest.fixture
def window_on_run(qtbot: QtBot, window: MainWindow, study: Project, living_run: RunFolder) -> MainWindow:
    """The window, its Train page following the run."""
    window.projects.open(study.folder)
    qtbot.waitUntil(lambda: window.state.project is not None)
    train = window.page("train")
    assert isinstance(train, TrainPage)
    qtbot.waitUntil(lambda: train.alive_run() is not None)
    return window


def close_and_answer(window: MainWindow, answer: str) -> bool:
    """Closes the window and clicks this button of the question."""

    def click() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        next(button for button in box.buttons() if answer in button.text()).click()

    QTimer.singleShot(200, click)
    return window.close()


def test_staying_leaves_the_window_and_the_run_as_they_are(
    window_on_run: MainWindow, living_run: RunFolder
) -> None:
    assert not close_and_answer(window_on_run, "Stay")
    assert window_on_run.state.project is not None
    assert not living_run.stop.exists()
    close_and_answer(window_on_run, "Keep")


def test_training_goes_on_in_the_background(window_on_run: MainWindow, living_run: RunFolder) -> None:
    assert close_and_answer(window_on_run, "Keep training in the background")
    assert not living_run.stop.exists()


def test_stop_and_save_asks_the_trainer_to_stop(window_on_run: MainWindow, living_run: RunFolder) -> None:
    assert close_and_answer(window_on_run, "Stop and save")
    assert living_run.stop.exists()
