"""A round that is killed in every step, by SIGKILL, makes nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blasto_annotator.store import Project
from gan.contract.batch_folder import read_batch
from gan.contract.run_folder import RunFolder, RunState
from tests.cli.conftest import CHECKOUT, environment
from tests.cli.short_round import HOLD
from tests.cli.test_round import ROUND, judged

__all__ = ["judged"]

TRAINING = ("training", "evaluation")
BEGUN = (RunState.RUNNING, RunState.FINISHED)
"""A machine that is busy with other things may not see so short a training before it has ended."""
Wait = Callable[[], object]


def start(study: Path, hold: str = "") -> subprocess.Popen[str]:
    """The command as a process of its own, which waits to be killed where a part is held."""
    words = [str(word) for word in ("retrain", study, *ROUND)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cli.short_round", *words], cwd=CHECKOUT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**environment(study.parent), HOLD: hold, "BLASTO_CACHE": str(study.parent / "cache")},
    )  # fmt: skip


def kill(walker: subprocess.Popen[str]) -> None:
    """No handler runs."""
    walker.kill()
    walker.communicate()


def kill_held(study: Path, part: str) -> None:
    """Kills the command between this part's deed and its record."""
    walker = start(study, part)
    assert walker.stdout is not None
    said = walker.stdout.readline()
    if said != "held\n":
        pytest.fail(walker.communicate()[1])
    kill(walker)
    assert part not in record(study)["done"]


def kill_when(study: Path, ready: Wait) -> None:
    """Kills the command as soon as something is so."""
    walker = start(study)
    while not ready():
        if walker.poll() is not None:
            pytest.fail(walker.communicate()[1])
        time.sleep(0.01)
    kill(walker)


def record(study: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((study / "rounds" / "0001.json").read_text("utf-8"))
    return found


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_dir()]


def trained(study: Path) -> RunFolder:
    return RunFolder(study / "runs" / record(study)["claims"]["run"])


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_round_killed_in_every_step_makes_nothing_twice(judged: Path) -> None:
    kill_held(judged, "snapshot")
    kill_held(judged, "run")
    kill_when(judged, lambda: record(judged)["step"] in TRAINING and trained(judged).state() in BEGUN)
    kill_when(judged, lambda: record(judged)["step"] == "evaluation")
    kill_held(judged, "scorer")
    batches = judged / "batches"
    before = set(names(batches))
    kill_when(judged, lambda: set(names(batches)) - before)
    kill_held(judged, "batch")
    kill_held(judged, "review")

    last = start(judged)
    out, err = last.communicate()

    assert last.returncode == 0, err
    assert out.startswith("Round 1 is ready")
    assert len(list((judged / "snapshots").glob("*/snapshot.json"))) == 1
    assert names(judged / "runs") == [trained(judged).path.name]
    assert len(names(judged / "scorers")) == 1
    (batch,) = set(names(batches)) - before
    assert read_batch(batches / batch).id == record(judged)["done"]["batch"]["id"] == batch
    with Project.open(judged) as project:
        assert [one.reviewer for one in project.reviews.sessions(batch)] == ["Ana"]
        acts = Counter(row.action for row in project.audit.rows())
        assert project.audit.verify() is None
    wanted = ("round", "snapshot", "retrain", "scorer", "generate", "review.start")
    assert {name: acts[name] for name in wanted} == dict.fromkeys(wanted, 1)
