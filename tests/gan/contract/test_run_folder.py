"""What a run folder says of its run, with real processes that hold its lock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gan.contract.locking import AlreadyLockedError, FileLock, is_locked
from gan.contract.result import RunResult, read_result, write_result
from gan.contract.run_folder import RunFolder, RunState
from tests.gan.trainers import environment

_HOLD = (
    "import sys\nfrom pathlib import Path\nfrom gan.contract.locking import FileLock\n"
    "lock = FileLock(Path(sys.argv[1]))\nprint('held', flush=True)\nsys.stdin.read()\n"
)


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its standard input closes."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_lock_is_held_by_one_process_and_free_when_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "alive.lock"
    assert not is_locked(path)

    with holder(path) as process:
        assert is_locked(path)
        with pytest.raises(AlreadyLockedError, match="another process"):
            FileLock(path)
        process.kill()
        process.wait()

    assert not is_locked(path)
    FileLock(path).release()


def test_a_lock_waits_for_its_holder_as_long_as_its_patience(tmp_path: Path) -> None:
    path = tmp_path / "alive.lock"
    with holder(path) as process:
        assert process.stdin is not None
        process.stdin.close()

        lock = FileLock(path, patience=30.0)

    assert is_locked(path)
    lock.release()
    assert not is_locked(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has exclusive locks only")
def test_looking_at_a_lock_does_not_hold_it_against_another_look(tmp_path: Path) -> None:
    import fcntl

    path = tmp_path / "alive.lock"
    path.touch()
    with path.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)

        assert not is_locked(path)


def test_a_run_is_what_its_folder_says(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert run.state() is RunState.NOT_STARTED

    run.events.touch()
    assert run.state() is RunState.INTERRUPTED

    for state in (RunState.STOPPED, RunState.FAILED, RunState.FINISHED):
        write_result(run.result, RunResult(state, 1.0, None, 2.0))
        assert run.state() is state

    with holder(run.alive):
        assert run.state() is RunState.RUNNING
    assert run.state() is RunState.FINISHED


def test_a_result_comes_back_and_is_absent_before(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    result = RunResult("failed", 1.25, "checkpoints/kimg-000001.250", 60.5, "Out of memory: ...")
    assert read_result(path) is None

    write_result(path, result)

    assert read_result(path) == result


def test_a_request_to_stop_is_a_file(tmp_path: Path) -> None:
    RunFolder(tmp_path).request_stop()

    assert (tmp_path / "STOP").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"outcome": "finished"}', '{"outcome": "unheard of"}'])
def test_a_damaged_result_is_none_so_that_the_run_can_be_resumed(tmp_path: Path, content: str) -> None:
    run = RunFolder(tmp_path)
    run.events.write_text("")
    run.result.write_text(content)

    assert read_result(run.result) is None
    assert run.state() is RunState.INTERRUPTED
