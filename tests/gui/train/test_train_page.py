"""The Train page with real trainers: planned, started, followed, stopped, resumed, outlived."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.page import TrainPage
from blasto_annotator.store import Project
from blasto_annotator.training.process import start
from blasto_annotator.training.record import last_event
from gan.contract.batch_folder import read_batch
from gan.contract.events import encode
from gan.contract.result import RunResult, write_result
from gan.contract.run_folder import RunFolder, RunState
from tests.gui.train.conftest import START_MS, OpenPage, chosen

NewRun = Callable[[float], RunFolder]
ENDLESS = 1000.0
"""kimg that no test waits for."""


def view_state(page: TrainPage) -> RunState | None:
    return page.shown.state if page.shown is not None else None


def reached(page: TrainPage) -> float:
    return page.shown.kimg if page.shown is not None else 0.0


def test_the_plan_says_what_retraining_will_do(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    qtbot.waitUntil(page.plan.retrain.isEnabled, timeout=START_MS)
    sentence = page.plan.sentence.text()
    assert "real images (good" in sentence
    assert "starting from scratch" in sentence
    assert "kimg" in sentence


def test_a_choice_changes_the_plan(qtbot: QtBot, study: Project, open_page: OpenPage) -> None:
    page = open_page(study)
    qtbot.waitUntil(page.plan.retrain.isEnabled, timeout=START_MS)
    page.plan.form.kimg.setValue(7)
    assert not page.plan.retrain.isEnabled()
    qtbot.waitUntil(lambda: "7 kimg" in page.plan.sentence.text())
    page.plan.form.expansions[4].setChecked(False)
    qtbot.waitUntil(lambda: "(good 0," in page.plan.sentence.text())


def test_a_project_without_labels_says_what_is_missing(
    qtbot: QtBot, project: Project, open_page: OpenPage
) -> None:
    page = open_page(project)
    qtbot.waitUntil(lambda: "nothing to train on" in page.plan.remark.text(), timeout=START_MS)
    assert not page.plan.retrain.isEnabled()


def test_a_training_alone_is_followed_stopped_and_resumed(
    qtbot: QtBot, study: Project, open_page: OpenPage, state: AppState
) -> None:
    page = open_page(study)
    qtbot.waitUntil(page.plan.retrain.isEnabled, timeout=START_MS)
    page.plan.train_only.click()
    qtbot.waitUntil(lambda: page.plan.retrain.isEnabled() and page.plan.steps.isHidden())
    qtbot.mouseClick(page.plan.retrain, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view_state(page) is RunState.RUNNING, timeout=START_MS)
    qtbot.waitUntil(lambda: page.shown is not None and bool(page.shown.samples), timeout=START_MS)
    qtbot.waitUntil(lambda: reached(page) > 0, timeout=START_MS)
    assert state.run is not None
    assert state.run.alive
    assert page.alive_run() == RunFolder(page.runs.folder or Path())

    qtbot.mouseClick(page.run.head.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view_state(page) is RunState.STOPPED, timeout=START_MS)
    assert state.run is None
    assert page.alive_run() is None
    stopped_at = reached(page)
    assert page.shown is not None
    assert page.shown.checkpoints[-1] == stopped_at

    qtbot.mouseClick(page.run.head.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reached(page) > stopped_at, timeout=START_MS)
    page.stop_run()
    qtbot.waitUntil(lambda: view_state(page) is RunState.STOPPED, timeout=START_MS)


def test_a_finished_run_gives_a_batch_and_its_model_is_promoted(
    qtbot: QtBot, study: Project, new_run: NewRun, open_page: OpenPage, state: AppState
) -> None:
    run = new_run(0.04)
    start(run).wait()
    page = open_page(study)
    chosen(qtbot, page, run)
    qtbot.waitUntil(page.run.after.promote.isVisible)
    page.run.after.per_class.setValue(2)
    with qtbot.waitSignal(state.batch_ready, timeout=START_MS) as ready:
        qtbot.mouseClick(page.run.after.generate, Qt.MouseButton.LeftButton)
    assert ready.args is not None
    assert read_batch(study.batches / ready.args[0]).per_class == 2
    qtbot.mouseClick(page.run.after.promote, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.run.after.promote.isHidden)
    assert study.models.current() == f"runs/{run.path.name}/{last_checkpoint(run)}"


def last_checkpoint(run: RunFolder) -> str:
    event = last_event(run, "checkpoint")
    assert event is not None
    return str(event.fields["path"])


WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.page import TrainPage
from blasto_annotator.store import Project

app, run = QApplication([]), Path(sys.argv[2])
state = AppState()
page = TrainPage(state)
state.set_project(Project.open(Path(sys.argv[1])))
page.show()
page.activated()

def look():
    if page.shown is None:
        if run in [row.folder.path for row in page.watcher.rows]:
            page.runs.choose(run)
    elif not page.shown.alive and not page.launcher.starting(run):
        page.run.head.resume.click()
    elif page.shown.kimg > 0:
        print("following", flush=True)

timer = QTimer(interval=100)
timer.timeout.connect(look)
timer.start()
app.exec()
"""


def test_killing_the_window_leaves_training_alive_and_a_new_page_follows_it(
    qtbot: QtBot, study: Project, new_run: NewRun, open_page: OpenPage
) -> None:
    run = new_run(ENDLESS)
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(study.folder), str(run.path)], stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert window.stdout is not None
    assert window.stdout.readline() == b"following\n"
    window.kill()
    window.wait()
    window.stdout.close()
    assert run.state() is RunState.RUNNING

    page = open_page(study)
    qtbot.waitUntil(lambda: page.runs.folder == run.path)  # found by itself
    qtbot.waitUntil(lambda: page.shown is not None)
    seen = reached(page)
    qtbot.waitUntil(lambda: reached(page) > seen, timeout=START_MS)
    page.stop_run()
    qtbot.waitUntil(lambda: view_state(page) is RunState.STOPPED, timeout=START_MS)


def test_a_killed_trainer_is_found_interrupted_and_resume_is_offered(
    qtbot: QtBot, study: Project, new_run: NewRun, open_page: OpenPage
) -> None:
    run = new_run(ENDLESS)
    child = start(run)
    page = open_page(study)
    chosen(qtbot, page, run)
    qtbot.waitUntil(lambda: page.shown is not None and bool(page.shown.checkpoints), timeout=START_MS)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    qtbot.waitUntil(lambda: view_state(page) is RunState.INTERRUPTED)
    qtbot.waitUntil(page.run.head.resume.isVisible)
    assert "Resume goes on" in page.run.trouble.sentence.text()


def test_a_run_that_an_earlier_window_left_interrupted_is_offered(
    qtbot: QtBot, study: Project, new_run: NewRun, open_page: OpenPage, state: AppState
) -> None:
    run = new_run(1.0)
    run.events.write_text(encode("started", {"kimg": 0, "goal_kimg": 1}))
    with qtbot.waitSignal(state.message) as told:
        page = open_page(study)
    assert told.args is not None
    assert "interrupted" in told.args[1]
    assert page.runs.folder == run.path


def test_a_failed_run_shows_its_sentence_and_the_end_of_its_log(
    qtbot: QtBot, study: Project, new_run: NewRun, open_page: OpenPage
) -> None:
    run = new_run(1.0)
    run.events.write_text(encode("started", {"kimg": 0, "goal_kimg": 1}))
    run.log.write_text("first line\nlast line\n")
    write_result(run.result, RunResult("failed", 0, None, 1, "The disk is full: make room, then resume."))
    page = open_page(study)
    chosen(qtbot, page, run)
    qtbot.waitUntil(page.run.trouble.isVisible)
    assert page.run.trouble.sentence.text() == "The disk is full: make room, then resume."
    qtbot.waitUntil(lambda: page.run.trouble.log.toPlainText().endswith("last line"))


def test_a_trainer_that_ends_before_it_begins_is_not_shown_as_starting(
    qtbot: QtBot, study: Project, new_run: NewRun, open_page: OpenPage
) -> None:
    run = new_run(1.0)
    page = open_page(study)
    chosen(qtbot, page, run)
    config = run.config.read_text(encoding="utf-8")
    run.config.write_text(config.replace('"resolution": 32', '"resolution": 33'), encoding="utf-8")
    qtbot.mouseClick(page.run.head.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.launcher.starting(run.path), timeout=START_MS)
    qtbot.waitUntil(lambda: not page.launcher.starting(run.path), timeout=START_MS)
    qtbot.waitUntil(page.run.trouble.isVisible)
    qtbot.waitUntil(page.run.head.resume.isVisible)


def test_another_project_starts_with_no_choices(
    qtbot: QtBot, study: Project, open_page: OpenPage, state: AppState
) -> None:
    page = open_page(study)
    qtbot.waitUntil(lambda: page.plan.retrain.isEnabled(), timeout=60_000)
    page.plan.perfect.setChecked(True)
    page.plan.form.seed.setValue(7)
    page.plan.form.round.readers.setText("Zoe")

    state.set_project(None)

    choices = page.plan.choices()
    assert not choices.include_perfect
    assert (choices.seed, choices.readers) == (0, ())
