"""Work off the GUI thread whose asker is gone by the time it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import Settings
from blasto_annotator.store import Project


def fail_without(asker: QObject) -> None:
    """Fails once its asker is gone."""
    gone = Event()

    def op() -> None:
        gone.wait()
        raise UserError("The disk is full.")

    run_op(asker, op, lambda _: None)
    delete(asker)
    gone.set()


def test_the_window_on_screen_tells_what_failed(qtbot: QtBot, make_window: Callable[[], MainWindow]) -> None:
    window = make_window()
    fail_without(QObject())
    qtbot.waitUntil(lambda: window.messages.sentence == "The disk is full.")


def test_without_any_window_the_log_tells_it(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        fail_without(QObject())
        qtbot.waitUntil(lambda: "after its window was gone: The disk is full." in caplog.text)


def test_a_project_that_opens_for_a_window_that_is_gone_is_closed_again(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, project_folder: Path
) -> None:
    window = MainWindow(Settings(tmp_path / "gone.ini"), tmp_path / "gone.log")
    held = Event()
    run_op(QObject(qapp), held.wait, lambda _: None)  # what opens a project stands in line behind it
    window.projects.open(project_folder)
    delete(window)
    held.set()
    passed: list[object] = []
    run_op(qapp, lambda: None, passed.append)
    qtbot.waitUntil(lambda: bool(passed))

    with Project.open(project_folder) as other:
        other.hold_window()
