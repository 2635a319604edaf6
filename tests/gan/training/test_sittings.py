"""Sittings of a run as real child processes: finished, stopped, killed, resumed, refused, out of luck."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan.contract.checkpoint import NETWORKS, TRAINING, describe_checkpoint, list_checkpoints
from gan.contract.config import read_config, write_config
from gan.contract.events import decode
from gan.contract.result import read_result
from gan.contract.run_folder import RunFolder, RunState
from gan.training.checkpoints import read_state
from tests.conftest import fill_disk
from tests.gan.trainers import ENDLESS, SMALL, end, new_run, recorded, start, train, wait_for

Children = list[subprocess.Popen[bytes]]
Finished = tuple[RunFolder, subprocess.CompletedProcess[str]]


def change(run: RunFolder, **values: Any) -> None:
    """Edits the configuration."""
    write_config(run.config, replace(read_config(run.config), **values))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Finished:
    """A run that was trained to its goal, and what its trainer printed."""
    run = new_run(tmp_path_factory.mktemp("finished"), data, goal_kimg=0.1)
    return run, train(run)


def test_a_run_ends_at_its_goal_with_everything_in_its_folder(finished: Finished) -> None:
    run, done = finished

    result = read_result(run.result)
    assert (done.returncode, done.stderr) == (0, "")
    assert run.state() is RunState.FINISHED
    assert result is not None
    assert (result.kimg, result.checkpoint) == (0.1, "checkpoints/kimg-000000.100")
    names = [path.name for path in list_checkpoints(run.checkpoints)]
    assert names == ["kimg-000000.064", "kimg-000000.100"]
    pictures = sorted(path.name for path in run.samples.iterdir())
    assert pictures == ["kimg-000000.000.png", "kimg-000000.100.png"]


def test_standard_output_is_the_record_and_all_else_is_in_the_log(finished: Finished) -> None:
    run, done = finished

    assert [decode(line) for line in done.stdout.splitlines()] == recorded(run)
    assert "a library speaks where events go" in run.log.read_text()


def test_the_record_tells_what_a_window_shows(finished: Finished) -> None:
    events = recorded(finished[0])

    started, sample, progress = (event.fields for event in events[:3])
    assert [event.kind for event in events[:3]] == ["started", "sample", "progress"]
    assert [event.kind for event in events[-3:]] == ["sample", "checkpoint", "finished"]
    assert (started["images"], started["resumed"], started["device"]) == (12, False, "cpu")
    assert (started["classes"], started["skipped"]) == (["good", "average", "poor"], [])
    assert (sample["columns"], sample["rows"], sample["columns_count"]) == (started["classes"], 6, 12)
    assert (progress["kimg"], progress["goal_kimg"], progress["ada_p"]) == (0.004, 0.1, 0.25)
    assert progress["losses"].keys() == {"loss_g", "loss_d"}
    assert progress["memory_gb"] > 0
    assert progress["seconds_left"] == pytest.approx(progress["seconds_per_kimg"] * 0.096, abs=0.1)


def test_killed_and_resumed_equals_never_interrupted_bit_for_bit(
    tmp_path: Path, data: Path, children: Children
) -> None:
    settings = {
        "family": "stylegan2",
        "options": {**SMALL, "ada_kimg": 0.5, "augment_p": 0.3},
        "checkpoint_kimg": 0.032,
        "mirror": True,
    }
    broken = new_run(tmp_path / "broken", data, goal_kimg=ENDLESS, **settings)
    children.append(start(broken))
    wait_for(children[0], "checkpoint")
    children[0].kill()
    assert end(children[0])[0] == -signal.SIGKILL
    assert broken.state() is RunState.INTERRUPTED
    saved = describe_checkpoint(list_checkpoints(broken.checkpoints)[-1])["kimg"]

    change(broken, goal_kimg=saved + 0.032)
    assert train(broken).returncode == 0
    straight = new_run(tmp_path / "straight", data, goal_kimg=saved + 0.032, **settings)
    assert train(straight).returncode == 0

    again = [event for event in recorded(broken) if event.kind == "started"][1]
    assert (again.fields["resumed"], again.fields["kimg"]) == (True, saved)
    for file in (NETWORKS, TRAINING):
        one, other = (list_checkpoints(run.checkpoints)[-1] / file for run in (straight, broken))
        assert one.read_bytes() == other.read_bytes()


def test_a_stop_file_saves_and_ends_and_one_left_over_does_not(
    tmp_path: Path, data: Path, children: Children
) -> None:
    run = new_run(tmp_path / "run", data, goal_kimg=ENDLESS, checkpoint_kimg=ENDLESS)
    run.request_stop()
    children.append(start(run))
    wait_for(children[0], "progress")

    run.request_stop()

    assert end(children[0])[0] == 0
    assert run.state() is RunState.STOPPED
    result = read_result(run.result)
    assert result is not None
    assert result.checkpoint is not None
    assert result.kimg > 0
    assert not run.stop.exists()
    change(run, goal_kimg=result.kimg + 0.02)
    assert train(run).returncode == 0
    last = read_result(run.result)
    assert last is not None
    assert last.outcome == "finished"
    assert last.kimg == pytest.approx(result.kimg + 0.02, abs=0.004)
    assert last.seconds > result.seconds


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_ends_and_a_hangup_does_nothing(
    tmp_path: Path, data: Path, children: Children, number: signal.Signals
) -> None:
    run = new_run(tmp_path / "run", data, goal_kimg=ENDLESS, checkpoint_kimg=1.0)
    children.append(start(run))
    wait_for(children[0], "started")
    children[0].send_signal(signal.SIGHUP)
    wait_for(children[0], "checkpoint")

    children[0].send_signal(number)

    assert end(children[0])[0] == 0
    assert run.state() is RunState.STOPPED


def test_a_second_trainer_is_refused_and_changes_nothing(
    tmp_path: Path, data: Path, children: Children
) -> None:
    run = new_run(tmp_path / "run", data, goal_kimg=ENDLESS, checkpoint_kimg=ENDLESS)
    children.append(start(run))
    wait_for(children[0], "progress")

    second = train(run)

    assert second.returncode == 1
    assert second.stdout == ""
    assert (
        second.stderr == f"{run.path} is being trained by another process: wait for it, or stop it first.\n"
    )
    assert run.state() is RunState.RUNNING
    assert [event.kind for event in recorded(run)].count("started") == 1


def test_training_goes_on_when_the_window_is_gone(tmp_path: Path, data: Path, children: Children) -> None:
    run = new_run(tmp_path / "run", data, goal_kimg=4.0, checkpoint_kimg=1.0)
    children.append(start(run))
    wait_for(children[0], "started")
    assert children[0].stdout is not None
    children[0].stdout.close()
    children[0].stdout = None

    assert end(children[0])[0] == 0
    assert run.state() is RunState.FINISHED
    assert [event.kind for event in recorded(run)].count("checkpoint") == 4


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="pipes of a chosen size are Linux's")
def test_training_goes_on_when_the_window_does_not_read(
    tmp_path: Path, data: Path, children: Children
) -> None:
    run = new_run(tmp_path / "run", data, goal_kimg=0.4, checkpoint_kimg=0.004)
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)  # room for about thirty of a hundred events
    children.append(start(run, stdout=writer))
    os.close(writer)

    assert end(children[0])[0] == 0
    assert run.state() is RunState.FINISHED
    assert [event.kind for event in recorded(run)].count("checkpoint") == 100
    os.close(reader)


def test_a_full_disk_ends_the_run_with_a_sentence_and_it_resumes_when_there_is_room(
    small_disk: Path, data: Path, children: Children
) -> None:
    run = new_run(small_disk / "run", data, goal_kimg=ENDLESS, checkpoint_kimg=0.5)
    children.append(start(run))
    wait_for(children[0], "checkpoint")
    filler = fill_disk(small_disk)

    status, out, err = end(children[0])

    assert status == 1
    assert "No space left on device" in err
    assert "free some space on that disk and run the same command again" in err
    assert '"event": "error"' in out
    left = list_checkpoints(run.checkpoints)
    assert left
    assert read_state(left[-1])
    assert not list(run.checkpoints.glob("part-*"))
    filler.unlink()
    change(run, goal_kimg=describe_checkpoint(left[-1])["kimg"] + 0.1)
    assert train(run).returncode == 0
    assert run.state() is RunState.FINISHED


def test_a_checkpoint_that_cannot_be_written_is_told_in_event_and_result(tmp_path: Path, data: Path) -> None:
    run = new_run(tmp_path / "run", data, options={"hidden": 64})
    limit = 300_000  # bytes a file: fewer than the networks have

    done = train(run, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))

    result = read_result(run.result)
    assert done.returncode == 1
    assert result is not None
    assert (result.outcome, result.checkpoint) == ("failed", None)
    assert done.stderr == result.message + "\n"
    assert os.strerror(errno.EFBIG) in result.message
    assert [event.kind for event in recorded(run)][-2:] == ["error", "finished"]
    assert list(run.checkpoints.iterdir()) == []


def test_diverging_keeps_the_last_good_checkpoint(tmp_path: Path, data: Path) -> None:
    run = new_run(tmp_path / "run", data)
    assert train(run).returncode == 0
    change(run, goal_kimg=ENDLESS, options={"learning_rate": 1e30})

    done = train(run)

    result = read_result(run.result)
    assert done.returncode == 1
    assert "Training diverged" in done.stderr
    assert result is not None
    assert (result.outcome, result.checkpoint) == ("failed", "checkpoints/kimg-000000.128")
    assert all(value.isfinite().all() for value in read_state(list_checkpoints(run.checkpoints)[-1]).values())


def test_data_that_cannot_be_trained_on_fails_the_run_with_the_files_name(tmp_path: Path, data: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(data, bad)
    broken = bad / "00000" / "img00000003.png"
    broken.write_bytes(broken.read_bytes()[:100])
    run = new_run(tmp_path / "run", bad)

    done = train(run)

    result = read_result(run.result)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{broken} cannot be read as an image")
    assert result is not None
    assert (result.outcome, result.message + "\n") == ("failed", done.stderr)
