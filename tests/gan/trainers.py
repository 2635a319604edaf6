"""Trainers as real child processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from gan.contract.config import RunConfig, write_config
from gan.contract.events import Event, decode, read_events
from gan.contract.run_folder import RunFolder
from tests.gan import nursery
from tests.gan.datasets import CLASSES

CHECKOUT = Path(__file__).resolve().parents[2]
TINY_MAIN = "tests.gan.training.tiny_main"
NURSERY = nursery.Nursery()
ENDLESS = 1e6
"""kimg that no test waits for."""
SMALL: Mapping[str, Any] = {
    "z_dim": 8,
    "w_dim": 8,
    "channel_base": 256,
    "channel_max": 16,
    "d_mapping_layers": 2,
    "r1_interval": 4,
}
"""Options of the real family at a size that trains in milliseconds a step."""


def new_run(folder: Path, data: Path, **changes: Any) -> RunFolder:
    """A run folder with its configuration: the tiny family, a checkpoint at each of 64 images."""
    settings: dict[str, Any] = {
        "data": str(data),
        "resolution": 32,
        "classes": CLASSES,
        "family": "tiny",
        "batch": 4,
        "goal_kimg": 0.128,
        "tick_kimg": 0.004,
        "sample_kimg": 1.0,
        "checkpoint_kimg": 0.064,
        "device": "cpu",
        "threads": 1,
    }
    folder.mkdir(parents=True, exist_ok=True)
    run = RunFolder(folder)
    write_config(run.config, RunConfig(**{**settings, **changes}))
    return run


def command(*arguments: object, module: str = TINY_MAIN) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def environment() -> dict[str, str]:
    """The children find this checkout and use one thread."""
    return {**os.environ, "PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"}


def finish(*arguments: object, module: str = TINY_MAIN, **more: Any) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, in a process of its own."""
    if nursery.THERE and not more:
        return NURSERY.finish(module, [str(argument) for argument in arguments], environment())
    return subprocess.run(
        command(*arguments, module=module),
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        **more,
    )


def train(run: RunFolder, **more: Any) -> subprocess.CompletedProcess[str]:
    """One sitting, to its end."""
    return finish("train", "--run-dir", run.path, **more)


def start(run: RunFolder, stdout: int | IO[Any] = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """One sitting, under way."""
    return subprocess.Popen(
        command("train", "--run-dir", run.path),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(),
    )


def wait_for(child: subprocess.Popen[bytes], kind: str, times: int = 1) -> Event:
    """Reads the child's events until one of a kind has come so many times."""
    assert child.stdout is not None
    for line in child.stdout:
        event = decode(line.decode())
        assert event is not None, f"not an event: {line!r}"
        times -= event.kind == kind
        if times == 0:
            return event
    assert child.stderr is not None
    raise AssertionError(f"the trainer ended without {kind}: {child.stderr.read().decode()}")


def end(child: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """Waits for the end; returns the exit status and the rest of both outputs."""
    out, err = child.communicate(timeout=600)
    return child.returncode, (out or b"").decode(), (err or b"").decode()


def recorded(run: RunFolder) -> list[Event]:
    """All events of the record."""
    return read_events(run.events)[0]
