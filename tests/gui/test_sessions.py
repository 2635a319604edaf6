"""Sessions in the real window: a hundred frames, typing faster than the disk, kills at random moments."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from blasto_annotator.store import Project
from tests.gui.real_window import RealWindow, display
from tests.gui.sessions import GRADER, acknowledged, grades, kill_in_a_session, make_cohort, said, stored

FRAMES = 100
KILLS = 4


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """One X server for this file."""
    with display() as number:
        yield number


def test_a_hundred_frames_typed_without_waiting_are_stored_as_typed(screen: str, tmp_path: Path) -> None:
    folder = make_cohort(tmp_path, 4, FRAMES // 4)
    window = RealWindow(tmp_path / "places", screen, folder).start()
    window.wait_for("listed")
    window.focus()
    window.grade_as(GRADER)
    typed = grades(random.Random(1), FRAMES)
    window.type_text("".join(typed).lower(), delay_ms=16)  # twenty grades a second
    window.wait_for(" row ", FRAMES)
    told = acknowledged(window)
    assert list(told.values()) == typed
    window.close()
    with Project.open(folder) as project:
        frames = [f for row in project.frames.embryos() for f in project.frames.of_embryo(row.id)]
        labels = {label.frame_id: said(label) for label in project.labels.current(GRADER)}
        own = [grade for (kind, _), grade in told.items() if kind == "label"]  # the others came back silently
        assert [labels[frame.id] for frame in frames[: len(own)]] == own
        assert stored(project) == told
        assert project.audit.verify() is None


def test_kills_at_random_moments_lose_nothing_that_was_acknowledged(screen: str, tmp_path: Path) -> None:
    folder = make_cohort(tmp_path, 2, 50)  # more than these sessions grade
    chance = random.Random(2)
    sessions = [
        kill_in_a_session(tmp_path / "places", screen, folder, chance, chance.randint(1, 14), 0.1)
        for _ in range(KILLS)
    ]
    assert all(session.acknowledged for session in sessions)
    assert [session.lost for session in sessions] == [0] * KILLS
    assert all(session.whole for session in sessions)
