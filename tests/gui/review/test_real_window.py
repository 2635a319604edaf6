"""A review in the real application, under real keys, and what a SIGKILL leaves of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.reviews import Answer, Mode, Realism, Verdict
from blasto_annotator.gui.review.triage_view import TriageView
from blasto_annotator.gui.state import AppState
from blasto_annotator.store import Project
from tests.gui.material import copy_of, write_batch_of
from tests.gui.real_window import PATIENCE_S, RealWindow, display
from tests.gui.review.conftest import OpenPage

SAVED = "saved review row"
UNHEARD_S = 10.0
"""A key of which nothing was saved by then was not heard; one too many would answer the next image."""
_ROW = re.compile(r"saved review row of image (\d+): (.*)")
KEYS_DOWN = {Mode.RATE: 0, Mode.GRID: 1, Mode.CHOICE: 2, Mode.PAIR: 3}
"""From the first question of the list."""


@pytest.fixture
def screen() -> Iterator[str]:
    """A display of our own."""
    with display() as number:
        yield number


@pytest.fixture
def window(tmp_path: Path, screen: str, study: Project, drawn: list[Path]) -> Iterator[RealWindow]:
    """The application on the Review page of a project with two batches, Ben's name typed."""
    write_batch_of(study, copy_of(drawn, tmp_path / "more"), "20260102-120000")
    study.close()
    made = RealWindow(tmp_path / "places", screen, study.folder).start()
    made.wait_for("listed")
    made.focus()
    made.press("ctrl+2")
    made.wait_for("batches")
    made.type_text("Ben")
    yield made
    if made.process.poll() is None:
        made.kill()


def begin(window: RealWindow, mode: Mode) -> None:
    """Chooses what is asked by keys, and for pairs the other batch, and starts."""
    if KEYS_DOWN[mode]:
        window.press("shift+Tab", *["Down"] * KEYS_DOWN[mode], "Tab")
    if mode is Mode.PAIR:
        window.press("Tab", "Down", "shift+Tab")
    window.press("Return")
    window.wait_for("review session")


def acknowledged(window: RealWindow) -> dict[int, str]:
    """Position -> verdict, as the window said that it is saved, the newest of each."""
    found = (_ROW.search(line) for line in window.log())
    return {int(match[1]): match[2] for match in found if match is not None}


def press_until_saved(window: RealWindow, key: str, times: int) -> None:
    """Presses a key, again where the picture was not there yet, until so many rows are saved."""
    end = time.monotonic() + PATIENCE_S
    while (saved := rows_saved(window)) < times:
        assert time.monotonic() < end, window.log()[-5:]
        window.press(key)
        unheard = time.monotonic() + UNHEARD_S
        while rows_saved(window) == saved and time.monotonic() < unheard:
            time.sleep(0.02)


def rows_saved(window: RealWindow) -> int:
    """How many rows the window said are saved."""
    return sum(SAVED in line for line in window.log())


def draw_and_give(window: RealWindow, key: str) -> None:
    """Draws on the first image and gives a verdict; again where the picture was not there yet."""
    rows = 0
    while "Stroke(" not in acknowledged(window).get(0, ""):
        if rows:
            rows += 1
            window.press("BackSpace")
            window.wait_for(SAVED, rows)
        window.mouse("mousemove", 520, 360, "mousedown", 1, "mousemove", 560, 380, "mouseup", 1)
        rows += 1
        window.press(key)
        window.wait_for(SAVED, rows)


def left(study: Project, window: RealWindow) -> dict[int, Verdict]:
    """What the disk holds; every verdict that the window acknowledged must be there."""
    with Project.open(study.folder) as project:
        (session,) = project.reviews.sessions()
        found = project.reviews.of_session(session.id)
        assert session.reviewer == "Ben"
        assert project.audit.verify() is None
    stored = {at: review.verdict for at, review in found.items() if review.verdict is not None}
    assert {at: str(stored.get(at)) for at in acknowledged(window)} == acknowledged(window)
    return stored


def goes_on_at(qtbot: QtBot, study: Project, open_page: OpenPage, state: AppState) -> int:
    """Where the page opens the session after the crash."""
    project = Project.open(study.folder)
    page = open_page(project)
    state.set_grader("Ben")
    (session,) = project.reviews.sessions()
    page.open_session(session)
    qtbot.waitUntil(lambda: page.session is not None)
    assert page.session is not None
    if session.mode is Mode.GRID:
        assert isinstance(page.session, TriageView)
    position = page.session.model.position
    project.close()
    return position


def test_a_single_image_at_a_time(
    window: RealWindow, study: Project, qtbot: QtBot, open_page: OpenPage, state: AppState
) -> None:
    begin(window, Mode.RATE)
    window.type_text("1w3as2")
    window.wait_for(SAVED, 3)
    window.press("BackSpace")
    window.wait_for(SAVED, 4)
    window.type_text("d")  # marked, not given
    window.kill()

    assert left(study, window) == {
        0: Verdict(Realism.PERFECT),
        1: Verdict(Realism.IMPLAUSIBLE, wrong_class=True),
    }
    assert goes_on_at(qtbot, study, open_page, state) == 2


def test_a_page_of_nine_while_it_is_written(
    window: RealWindow, study: Project, qtbot: QtBot, open_page: OpenPage, state: AppState
) -> None:
    begin(window, Mode.GRID)
    window.press("Right", "Right")
    press_until_saved(window, "3", 1)
    window.press("1")
    window.wait_for(SAVED, 3)
    window.kill()

    stored = left(study, window)

    assert len(stored) >= 3
    assert sum(verdict.realism is Realism.IMPLAUSIBLE for verdict in stored.values()) >= 1
    with Project.open(study.folder) as project:
        count = len(project.reviews.sessions()[0].items)
    first_open = next((at for at in range(count) if at not in stored), 0)
    assert goes_on_at(qtbot, study, open_page, state) == first_open


@pytest.mark.parametrize(("mode", "answers"), [
    (Mode.CHOICE, {0: Answer.REAL, 1: Answer.REAL}),
    (Mode.PAIR, {0: Answer.LEFT, 2: Answer.LEFT}),
])  # fmt: skip
def test_answers(
    window: RealWindow, study: Project, qtbot: QtBot, open_page: OpenPage, state: AppState,
    mode: Mode, answers: dict[int, Answer],
) -> None:  # fmt: skip
    begin(window, mode)
    press_until_saved(window, "1", 2)
    window.kill()

    stored = left(study, window)

    assert {at: stored[at].answer for at in answers} == answers
    step = 2 if mode is Mode.PAIR else 1
    assert goes_on_at(qtbot, study, open_page, state) == step * len(stored)


def test_a_stroke_under_way(
    window: RealWindow, study: Project, qtbot: QtBot, open_page: OpenPage, state: AppState
) -> None:
    begin(window, Mode.RATE)
    window.press("r")
    draw_and_give(window, "2")
    window.mouse("mousemove", 520, 360, "mousedown", 1, "mousemove", 600, 400)
    window.kill()

    stored = left(study, window)

    assert stored[0].realism is Realism.MINOR_FLAWS
    assert len(stored[0].strokes) == 1
    assert all(0 < x < 1 and 0 < y < 1 for x, y in stored[0].strokes[0].points)
    assert goes_on_at(qtbot, study, open_page, state) == len(stored)
