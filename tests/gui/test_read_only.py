"""A project on a disk that cannot be written, in the window: it is shown, and says that it keeps nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from blasto_annotator.gui.corner import CornerBar
from blasto_annotator.gui.label.page import LabelPage
from blasto_annotator.gui.main_window import MainWindow


def test_an_archive_is_looked_at_and_says_that_it_keeps_nothing(
    window: MainWindow, open_window: Callable[..., LabelPage], small_disk: Path, fresh_project: Path
) -> None:
    folder = Path(shutil.copytree(fresh_project, small_disk / "archive"))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    page = open_window(folder)

    assert page.flow.grading.on_screen is not None
    assert window.messages.kind == "warning"
    assert "“cohort” is open for reading only" in window.messages.sentence
    assert [bar.project.text() for bar in window.findChildren(CornerBar)] == [" cohort  ·  reading only"]
    window.state.set_grader("")
    page.flow.refresh_grader()
    assert page.side.grader.question.text() == "Whose labels?"
