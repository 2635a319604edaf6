"""Fixtures that every room's tests share; a room's own lie beside its tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blasto_annotator.store import Project
from gan.contract.events import read_events
from gan.contract.run_folder import RunFolder, RunState
from tests.quick_disk import unsynced
from tests.ready_tables import lay_ready, quick_tables

if TYPE_CHECKING:
    from tests.postgresql import Server

if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Torch's threads spin while they wait; two test processes on two cores would mostly wait for one another.
# To be set before torch is imported; child processes inherit it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# What a computer remembers of projects (store/heads) is not to be mixed with the tests'.
_STATE = tempfile.TemporaryDirectory(prefix="blasto-state-")
os.environ["BLASTO_ANNOTATOR_STATE"] = _STATE.name

_CHECKOUT = Path(__file__).resolve().parents[1]
_COSTLY = ("trained", "sharp_scorer")
"""Fixtures that are made once a worker, in several seconds."""
_LONGEST = (
    "test_loop_real.py",
    "test_killed_round.py",
    "test_loop_in_window.py",
    "test_round.py",
    "test_demo.py",
)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who shares a costly fixture shares a worker; the longest begin first, so that both end together."""
    for item in items:
        for name in set(_COSTLY).intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(name))
    items.sort(key=lambda item: item.path.name not in _LONGEST)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    folder = _CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data (../shared/data beside the checkout) is absent")
    return folder


@pytest.fixture(scope="session", autouse=True)
def quick_projects() -> Iterator[None]:
    """The migrations run once a worker, later projects get the tables as made; no disk is waited for."""
    with quick_tables(), unsynced():
        yield


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A new, empty project in a folder whose name holds a space, a quote and Cyrillic."""
    with Project.create(tmp_path / "проект d'été") as made:
        yield made


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of this test run; skipped where none can be started."""
    if sys.platform == "win32":
        pytest.skip("a PostgreSQL server is started on Linux and macOS only")
    from tests.postgresql import UnavailableError, running_server

    try:
        with running_server() as server:
            server.copy_from_now_on(lay_ready)
            yield server
    except UnavailableError as why:
        pytest.skip(str(why))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB that a test can fill; skipped where this user may not mount one."""
    disk = tmp_path / "small disk"
    disk.mkdir()
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("a small tmpfs can be mounted on Linux only")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"mounting a small tmpfs is not allowed here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill_disk(folder: Path) -> Path:
    """Fills the disk under `folder` to its last byte; removing the returned file frees it again."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    return filler


def end_trainers(runs: Path) -> None:
    """Kills the trainers that still live under `runs/`: a test's processes end with the test."""
    for config in runs.glob("*/config.json"):
        run = RunFolder(config.parent)
        started = [event for event in read_events(run.events)[0] if event.kind == "started"]
        if started and run.state() is RunState.RUNNING:
            os.kill(int(started[-1].fields["pid"]), signal.SIGKILL)
