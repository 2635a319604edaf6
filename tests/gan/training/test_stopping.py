"""Requests to stop: a file, and a folder that is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gan.training import stopping
from gan.training.stopping import StopRequest


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock."""
    return lambda seconds: monkeypatch.setattr(stopping.time, "monotonic", lambda: seconds)


def test_a_run_whose_folder_was_moved_away_ends_and_one_whose_disk_was_away_for_a_moment_goes_on(
    tmp_path: Path, at: Callable[[float], None]
) -> None:
    folder, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    folder.mkdir()
    stop = StopRequest(folder / "STOP")

    asked = []
    for seconds, target in (
        (100, elsewhere),
        (110, folder),
        (200, elsewhere),
        (219, elsewhere),
        (221, elsewhere),
    ):
        here = folder if folder.exists() else elsewhere
        here.rename(target)
        at(seconds)
        asked.append(stop.asked())

    assert asked == [False, False, False, False, True]


def test_the_file_asks(tmp_path: Path, at: Callable[[float], None]) -> None:
    stop = StopRequest(tmp_path / "STOP")
    at(1)
    assert not stop.asked()
    (tmp_path / "STOP").touch()
    at(2)
    assert stop.asked()
