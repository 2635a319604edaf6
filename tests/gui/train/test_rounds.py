"""A whole round in the window: said before, begun, outliving the window, stopped, gone on with, reviewed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from blasto_annotator.gui.main_window import MainWindow
from blasto_annotator.gui.settings import NOTIFY
from blasto_annotator.gui.state import AppState, RoundEnd
from blasto_annotator.gui.train.page import TrainPage
from blasto_annotator.gui.train.round_model import StepState
from blasto_annotator.rounds import record
from blasto_annotator.rounds.record import FOLDER, LOCK, Round, RoundState, RoundWish, begin, newest_round
from blasto_annotator.rounds.steps import steps_of
from blasto_annotator.store import Project
from gan.contract.locking import FileLock
from tests.gui.train.conftest import START_MS, OpenPage

Keep = Callable[..., Round]


@pytest.fixture
def keep(study: Project) -> Keep:
    """Writes a round's record as a walker would leave it after these steps."""

    def made(steps: int, **more: Any) -> Round:
        current = begin(study, RoundWish("cpu-quick", per_class=2, readers=("Ada",), who="Ada"))
        names = [step.name for step in steps_of(current.wish)]
        current.said = {name: f"{name} is done." for name in names[:steps]}
        current.step = names[min(steps, len(names) - 1)]
        for name, value in more.items():
            setattr(current, name, value)
        current.write()
        return current

    return made


@pytest.fixture
def walker(study: Project) -> Iterator[FileLock]:
    """The lock held, as whoever walks a round holds it."""
    lock = FileLock(study.folder / FOLDER / LOCK)
    yield lock
    lock.release()


def shown(qtbot: QtBot, page: TrainPage, state: RoundState) -> None:
    """Waits until the card shows a round in this state."""
    qtbot.waitUntil(
        lambda: page.rounds.view is not None and page.rounds.view.state is state, timeout=START_MS
    )
    qtbot.waitUntil(page.rounds.card.isVisible)


def offered(page: TrainPage) -> list[str]:
    return [made.text() for made in page.rounds.card.offered]


def states(page: TrainPage) -> list[StepState]:
    assert page.rounds.view is not None
    return [step.state for step in page.rounds.view.steps]


def test_the_plan_says_the_round_step_by_step_and_for_whom(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    qtbot.waitUntil(page.plan.retrain.isEnabled, timeout=START_MS)
    assert page.plan.steps.isVisible()
    assert page.plan.after.text().startswith("Then round 1 goes on by itself")
    assert "blind review of 50 images of each class for Ada" in page.plan.after.text()

    page.plan.form.round.per_class.setValue(7)
    page.plan.form.round.readers.setText("Ana, Boris")
    qtbot.waitUntil(lambda: "7 images of each class for Ana, Boris" in page.plan.after.text())


def test_a_round_without_a_reader_is_not_begun(
    qtbot: QtBot, study: Project, open_page: OpenPage, state: AppState
) -> None:
    page = open_page(study)
    state.set_grader("")
    page.activated()
    qtbot.waitUntil(lambda: "Nobody is named as reader" in page.plan.remark.text(), timeout=START_MS)
    assert not page.plan.retrain.isEnabled()
    page.plan.train_only.click()
    qtbot.waitUntil(page.plan.retrain.isEnabled)


def test_a_trial_of_the_reward_says_its_control_and_excludes_the_teaching_order(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    page = open_page(study)
    qtbot.waitUntil(page.plan.retrain.isEnabled, timeout=START_MS)
    page.plan.form.round.reward.click()
    assert not page.plan.form.round.teach.isEnabled()
    qtbot.waitUntil(lambda: "trains a control without the reward" in page.plan.after.text())
    assert "no trained model to start from" in page.plan.remark.text()
    assert not page.plan.retrain.isEnabled()
    assert page.plan.choices().wish("Ada").reward


def test_a_living_round_shows_where_it_is_and_can_be_stopped(
    qtbot: QtBot, study: Project, keep: Keep, walker: FileLock, open_page: OpenPage, state: AppState
) -> None:
    current = keep(4)
    current.progress.write_text(
        json.dumps({"step": "batch", "words": "Generating images", "done": 3, "total": 6})
    )
    page = open_page(study)
    shown(qtbot, page, RoundState.RUNNING)
    assert states(page) == [StepState.DONE] * 4 + [StepState.NOW, StepState.AHEAD]
    assert "3 of 6" in page.rounds.card.figures.text()
    qtbot.waitUntil(lambda: state.run is not None)
    assert state.run is not None
    assert state.run.sentence == "Round 1: generating images 3 of 6"
    assert not page.plan.retrain.isEnabled()
    assert page.under_way() == "Round 1 is under way."

    qtbot.mouseClick(page.rounds.card.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(current.stop.exists)
    assert not page.rounds.card.stop.isEnabled()


def test_a_round_that_failed_says_why_and_offers_to_try_again(
    qtbot: QtBot, study: Project, keep: Keep, open_page: OpenPage, state: AppState
) -> None:
    keep(1, trouble={"stopped": False, "sentence": "The disk is full: make room."})
    ended: list[RoundEnd] = []
    state.round_ended.connect(ended.append)
    page = open_page(study)
    shown(qtbot, page, RoundState.FAILED)
    assert page.rounds.card.sentence.text() == "The disk is full: make room."
    assert offered(page) == ["Leave it", "Try again"]
    assert not page.plan.retrain.isEnabled()
    assert ended[0].kind == "error"
    assert not ended[0].news  # it happened before this window


def test_a_round_that_was_cut_short_goes_on_or_is_left(
    qtbot: QtBot, study: Project, keep: Keep, open_page: OpenPage, state: AppState
) -> None:
    current = keep(2)
    page = open_page(study)
    shown(qtbot, page, RoundState.INTERRUPTED)
    assert "cut short while comparing generated images" in page.rounds.card.sentence.text()
    assert offered(page) == ["Leave it", "Resume"]
    qtbot.waitUntil(lambda: page.plan.sentence.text().startswith("Train "), timeout=START_MS)
    assert not page.plan.retrain.isEnabled()  # first a person chooses what becomes of this one
    assert "Round 1 waits above: go on with it, or leave it" in page.plan.retrain.toolTip()

    with qtbot.waitSignal(state.offered) as offer:
        qtbot.mouseClick(page.rounds.card.leave, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.rounds.card.isHidden)
    qtbot.waitUntil(page.plan.retrain.isEnabled, timeout=START_MS)
    assert offer.args is not None
    offer.args[2]()
    shown(qtbot, page, RoundState.INTERRUPTED)
    assert not record.read_round(current.path).left
    assert not page.plan.retrain.isEnabled()


def test_a_damaged_record_is_said_once(
    qtbot: QtBot, study: Project, keep: Keep, open_page: OpenPage, state: AppState
) -> None:
    keep(1).path.write_text("{", encoding="utf-8")
    told: list[str] = []
    state.message.connect(lambda _, words: told.append(words))
    page = open_page(study)
    qtbot.waitUntil(lambda: any("is damaged" in words for words in told), timeout=START_MS)
    with qtbot.waitSignals([page.watcher.looked] * 2):
        page.watcher.look_soon()
    assert sum("is damaged" in words for words in told) == 1


def test_the_bar_brings_the_person_to_the_review_that_the_round_prepared(
    qtbot: QtBot, window: MainWindow, study: Project, keep: Keep, drawn: list[Path]
) -> None:
    from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
    from tests.gui.material import write_batch_of

    batch = write_batch_of(study, drawn)
    (session,) = plan_review(study, ReviewPlan((batch,), ("Ada",)))
    waiting = [{"session": session.id, "reader": "Ada", "images": len(session.items)}]
    done = {"batch": {"id": batch}, "review": waiting, "finished_utc": "2026-01-01T00:00:00+00:00"}
    keep(6, done=done)
    window.projects.open(study.folder)
    qtbot.waitUntil(lambda: window.state.project is not None)
    window.state.set_grader("Ada")
    window.page("train")
    qtbot.waitUntil(lambda: window.messages.sentence == "Round 1 is ready for review.", timeout=START_MS)
    start = next(made for made in window.messages.findChildren(QPushButton) if made.text() == "Start review")
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    review: Any = window.page("review")
    qtbot.waitUntil(lambda: review.session is not None)
    assert review.session.model.session.id == session.id
    assert window.messages.isHidden()


def test_who_looks_away_is_told_on_the_desktop_unless_it_is_turned_off(
    qtbot: QtBot, window: MainWindow, study: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(window.notices, "_call", lambda sentence, ready: called.append(sentence))
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    end = RoundEnd(2, "success", "Round 2 is ready for review.")

    window.state.round_ended.emit(end)
    window.settings.set_flag(NOTIFY, False)
    window.state.round_ended.emit(end)

    assert called == ["Round 2 is ready for review."]
    assert window.messages.sentence == "Round 2 is ready for review."


def test_the_desktop_shows_the_sentence_where_it_has_notifications(
    window: MainWindow, study: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    for name in ("isSystemTrayAvailable", "supportsMessages"):
        monkeypatch.setattr(QSystemTrayIcon, name, staticmethod(lambda: True))
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _: None)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _, *words: shown.append(words[1]))
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)

    window.state.round_ended.emit(RoundEnd(2, "error", "Round 2 could not go on. The disk is full."))
    window.state.round_ended.emit(RoundEnd(1, "warning", "It was cut short.", news=False))

    assert shown == ["Round 2 could not go on. The disk is full."]


WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import blasto_annotator.rounds.launching as launching
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.page import TrainPage
from blasto_annotator.store import Project

launching.PROGRAM = ("-m", "tests.cli.short_round")
app = QApplication([])
state = AppState()
page = TrainPage(state)
state.set_project(Project.open(Path(sys.argv[1])))
state.set_grader("Ada")
page.show()
page.activated()

def look():
    if page.plan.retrain.isEnabled() and not page.rounds.running:
        if "1000 kimg" in page.plan.sentence.text():
            page.plan.retrain.click()
        else:
            page.plan.form.kimg.setValue(1000)
    elif page.rounds.view is not None and page.shown is not None and page.shown.kimg > 0:
        print("training", flush=True)

timer = QTimer(interval=100)
timer.timeout.connect(look)
timer.start()
app.exec()
"""


def test_a_round_outlives_its_window_and_is_stopped_from_the_next(
    qtbot: QtBot, study: Project, open_page: OpenPage
) -> None:
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(study.folder)], stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert window.stdout is not None
    assert window.stdout.readline() == b"training\n"
    window.kill()
    window.wait()
    window.stdout.close()

    page = open_page(study)
    shown(qtbot, page, RoundState.RUNNING)
    qtbot.waitUntil(page.rounds.card.stop.isEnabled)
    qtbot.mouseClick(page.rounds.card.stop, Qt.MouseButton.LeftButton)
    shown(qtbot, page, RoundState.STOPPED)

    assert offered(page) == ["Leave it", "Resume"]
    current = newest_round(study)
    assert current is not None
    assert list(current.said) == ["snapshot"]
    assert "saved at" in current.trouble["sentence"]
