"""What the page reads of a run folder, from events as a trainer writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from blasto_annotator.gui.train.run_model import RunReader
from blasto_annotator.gui.train.series import MOST_POINTS, Series
from gan.contract.config import RunConfig, write_config
from gan.contract.events import encode
from gan.contract.locking import FileLock
from gan.contract.result import RunResult, write_result
from gan.contract.run_folder import RunFolder, RunState


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    write_config(tmp_path / "config.json", RunConfig("data", 32, ("good", "poor"), goal_kimg=10))
    return RunFolder(tmp_path)


def write(run: RunFolder, kind: str, fields: Mapping[str, Any]) -> None:
    with run.events.open("a", encoding="utf-8") as file:
        file.write(encode(kind, fields))


def progress(run: RunFolder, kimg: float, **losses: float) -> None:
    write(
        run,
        "progress",
        {
            "kimg": kimg,
            "goal_kimg": 10,
            "seconds_left": 60.0,
            "memory_gb": 1.5,
            "losses": losses,
            "ada_p": 0.1,
        },
    )


def test_a_fresh_folder_knows_its_goal_before_any_event(run: RunFolder) -> None:
    view, changed = RunReader(run.path).poll()
    assert changed
    assert (view.state, view.goal_kimg, view.kimg) == (RunState.NOT_STARTED, 10, 0)


def test_progress_becomes_curves_and_figures(run: RunFolder) -> None:
    reader = RunReader(run.path)
    write(run, "started", {"kimg": 0, "goal_kimg": 10, "device": "cpu", "parameters": 5})
    progress(run, 1, G=0.5)
    progress(run, 2, G=0.4)
    view, _ = reader.poll()
    assert view.losses["G"] == Series([1, 2], [0.5, 0.4])
    assert (view.kimg, view.share, view.seconds_left, view.device) == (2, 0.2, 60.0, "cpu")


def test_evaluations_in_the_loop_become_curves(run: RunFolder) -> None:
    reader = RunReader(run.path)
    for kimg, value in ((2, 0.08), (4, 0.05)):
        write(run, "metric", {"kimg": kimg, "name": "kernel_distance", "value": value, "n": 500})
    write(run, "metric", {"kimg": 4, "name": "kernel_distance/good", "value": 0.06, "n": 170})
    write(run, "metric", {"kimg": 4, "name": "precision", "value": None, "n": 500})

    view, _ = reader.poll()

    assert view.metrics["kernel_distance"] == Series([2, 4], [0.08, 0.05])
    assert set(view.metrics) == {"kernel_distance", "kernel_distance/good"}
    write(run, "started", {"kimg": 2, "goal_kimg": 10, "resumed": True})
    assert reader.poll()[0].metrics["kernel_distance"].kimg == [2]


def test_only_what_is_new_is_read_and_an_old_view_stays_as_it_was(run: RunFolder) -> None:
    reader = RunReader(run.path)
    progress(run, 1, G=0.5)
    first, _ = reader.poll()
    assert reader.poll() == (first, False)
    progress(run, 2, G=0.4)
    second, changed = reader.poll()
    assert changed
    assert len(second.losses["G"].kimg) == 2
    assert len(first.losses["G"].kimg) == 1


def test_a_half_written_line_is_left_for_the_next_poll(run: RunFolder) -> None:
    reader = RunReader(run.path)
    line = encode("progress", {"kimg": 3, "losses": {"G": 1.0}})
    run.events.write_text(line[:20])
    assert reader.poll()[0].kimg == 0
    run.events.write_text(line)
    assert reader.poll()[0].kimg == 3


def test_a_resumed_run_forgets_what_was_lost_with_the_last_sitting(run: RunFolder) -> None:
    reader = RunReader(run.path)
    for kimg in (1, 2, 3):
        progress(run, kimg, G=float(kimg))
        write(run, "sample", {"kimg": kimg, "path": f"samples/{kimg}.png", "columns": ["good"]})
    write(run, "started", {"kimg": 1, "goal_kimg": 10, "resumed": True})
    view, _ = reader.poll()
    assert view.losses["G"].kimg == [1]
    assert [grid.kimg for grid in view.samples] == [1]
    assert view.kimg == 1


def test_the_state_is_what_lock_and_result_say(run: RunFolder) -> None:
    reader = RunReader(run.path)
    lock = FileLock(run.alive)
    assert reader.poll()[0].state is RunState.RUNNING
    progress(run, 1)
    lock.release()
    assert reader.poll()[0].state is RunState.INTERRUPTED
    write_result(run.result, RunResult("failed", 1, None, 5, "The disk is full."))
    view, changed = reader.poll()
    assert changed
    assert view.state is RunState.FAILED
    assert view.result is not None
    assert view.result.message == "The disk is full."


def test_a_value_that_is_not_a_number_leaves_a_gap(run: RunFolder) -> None:
    reader = RunReader(run.path)
    progress(run, 1, G=float("nan"), D=1.0)
    assert list(reader.poll()[0].losses) == ["D"]


def test_a_long_curve_stays_small_and_keeps_its_newest_points() -> None:
    series = Series()
    for step in range(3 * MOST_POINTS):
        series.add(step, step)
    assert len(series.kimg) <= MOST_POINTS
    assert series.kimg[-100:] == list(range(3 * MOST_POINTS - 100, 3 * MOST_POINTS))
    assert series.kimg[0] == 0
    assert series.at(-1) is None
    assert series.at(1e9) == 3 * MOST_POINTS - 1
