"""Several processes, started by torchrun as a person would: the same numbers, and one end for all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gan.contract.checkpoint import list_checkpoints
from gan.contract.config import read_config, write_config
from gan.contract.result import RunResult, read_result
from gan.contract.run_folder import RunFolder, RunState
from gan.training.checkpoints import read_state
from gan.training.places import ALONE, Place, own_place
from tests.gan.drawn import write_start
from tests.gan.trainers import ENDLESS, SMALL, end, environment, finish, new_run, recorded, wait_for

Children = list[subprocess.Popen[bytes]]
TOLERANCE = 1e-4
"""Of the largest value of a tensor, after six steps: sums have another order."""
OPTIONS = {**SMALL, "adam_eps": 1e-3, "ada_kimg": 0.5, "augment_p": 0.3, "pl_interval": 2}
"""Adam divides by a gradient's own size: the larger epsilon keeps those that are all rounding small."""


def start_two(run: RunFolder) -> subprocess.Popen[bytes]:
    """Two processes on this machine."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return subprocess.Popen(
        [*torchrun, "-m", "gan", "train", "--run-dir", str(run.path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )


def run_of_eight(folder: Path, data: Path, goal_kimg: float, **more: Any) -> RunFolder:
    """Eight images a step in two deviation groups, one for each process."""
    return new_run(
        folder,
        data,
        family="stylegan2",
        batch=8,
        goal_kimg=goal_kimg,
        options=OPTIONS,
        mirror=True,
        checkpoint_kimg=0.024,
        **more,
    )


def newest(run: RunFolder, number: int = -1) -> dict[str, torch.Tensor]:
    """State of a checkpoint."""
    return read_state(list_checkpoints(run.checkpoints)[number])


def differing(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> dict[str, float]:
    """Differences above the tolerance, relative to each tensor's largest value; chance must be the same."""
    assert a.keys() == b.keys()
    found = {n: float((a[n].double() - b[n].double()).abs().max()) / scale(a[n]) for n in a}
    return {n: d for n, d in found.items() if d > (0 if n.startswith(("rng/", "loop/")) else TOLERANCE)}


def scale(tensor: torch.Tensor) -> float:
    return max(float(tensor.double().abs().max()), 1e-3)


def first_losses(run: RunFolder) -> dict[str, float]:
    """Of the first step, which always has an event of its own."""
    fields = next(event.fields for event in recorded(run) if event.kind == "progress")
    return {**fields["losses"], "kimg": fields["kimg"], "ada_p": fields["ada_p"]}


def result_of(run: RunFolder) -> RunResult:
    result = read_result(run.result)
    assert result is not None
    return result


def follower_of(starter: subprocess.Popen[bytes], leader: int) -> int:
    """The process that torchrun started beside the one that leads."""
    children = Path(f"/proc/{starter.pid}/task").glob("*/children")
    found = {int(pid) for file in children for pid in file.read_text().split()}
    assert leader in found
    (follower,) = (pid for pid in found - {leader} if b"gan" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return follower


def test_two_processes_compute_what_one_computes_and_one_resumes_them(
    tmp_path: Path, data: Path, sharp_scorer: Path, children: Children
) -> None:
    started = {"start_from": str(write_start(tmp_path / "start")), "reward": str(sharp_scorer)}
    alone = run_of_eight(tmp_path / "alone", data, 0.048, **started)
    assert finish("train", "--run-dir", alone.path, module="gan").returncode == 0
    pair = run_of_eight(tmp_path / "pair", data, 0.024, **started)
    children.append(start_two(pair))
    status, out, err = end(children[0])
    assert status == 0, err

    # one process tells, and standard output is events alone
    assert len(out.splitlines()) == len(recorded(pair))
    kinds = [event.kind for event in recorded(pair)]
    assert [kinds.count(kind) for kind in ("started", "checkpoint", "finished")] == [1, 1, 1]
    assert first_losses(pair) == pytest.approx(first_losses(alone), rel=1e-4, abs=1e-5)
    assert differing(newest(alone, 0), newest(pair)) == {}

    write_config(pair.config, replace(read_config(pair.config), goal_kimg=0.048))
    assert finish("train", "--run-dir", pair.path, module="gan").returncode == 0
    assert [event.fields["resumed"] for event in recorded(pair) if event.kind == "started"] == [False, True]
    assert differing(newest(alone), newest(pair)) == {}


def test_a_stop_file_ends_all_of_them_after_the_same_step(
    tmp_path: Path, data: Path, children: Children
) -> None:
    run = run_of_eight(tmp_path / "run", data, ENDLESS)
    children.append(start_two(run))
    wait_for(children[0], "progress")

    run.request_stop()

    assert end(children[0])[0] == 0
    assert run.state() is RunState.STOPPED
    assert result_of(run).kimg > 0
    assert not run.stop.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="a process's children are found in /proc")
def test_when_one_is_killed_the_run_fails_with_a_sentence(
    tmp_path: Path, data: Path, children: Children
) -> None:
    run = run_of_eight(tmp_path / "run", data, ENDLESS)
    children.append(start_two(run))
    leader = int(wait_for(children[0], "started").fields["pid"])
    wait_for(children[0], "progress")

    os.kill(follower_of(children[0], leader), signal.SIGKILL)

    status, _, err = end(children[0])
    assert status != 0
    assert run.state() is RunState.FAILED
    assert "Another of the 2 processes ended without giving a reason" in result_of(run).message
    assert result_of(run).message in err


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({}, ALONE),
        ({"RANK": "1", "WORLD_SIZE": "2"}, ALONE),  # left over from something else
        (
            {
                "TORCHELASTIC_RUN_ID": "x",
                "RANK": "5",
                "WORLD_SIZE": "8",
                "LOCAL_RANK": "1",
                "LOCAL_WORLD_SIZE": "4",
            },
            Place(5, 8, 1, 4),
        ),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, ALONE),  # the job's script itself
        (
            {
                "SLURM_STEP_NUM_TASKS": "4",
                "SLURM_NTASKS": "4",
                "SLURM_PROCID": "3",
                "SLURM_LOCALID": "1",
                "SLURM_NTASKS_PER_NODE": "2",
            },
            Place(3, 4, 1, 2),
        ),
    ],
)
def test_a_process_knows_its_place_from_its_starter(variables: dict[str, Any], place: Place) -> None:
    assert own_place(variables) == place
    assert place.leads == (place.rank == 0)
