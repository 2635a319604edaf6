"""Weights & Biases on request: offline for real where the library is, a sentence where it is not."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.run_folder import RunFolder
from gan.training.reporter import Reporter
from gan.training.weights_and_biases import WandbLog
from tests.gan.trainers import command, environment, new_run, recorded

there = pytest.mark.skipif(
    importlib.util.find_spec("wandb") is None,
    reason="wandb is not installed (it never is by default): pip install blasto-annotator[wandb]",
)


def test_without_the_library_the_run_ends_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)

    with pytest.raises(UserError, match=r"pip install blasto-annotator\[wandb\]"):
        WandbLog(RunFolder(tmp_path), RunConfig(data="x", resolution=32, wandb="project"))


def test_a_run_that_does_not_ask_never_imports_it(tmp_path: Path, data: Path) -> None:
    (tmp_path / "site" / "wandb").mkdir(parents=True)
    (tmp_path / "site" / "wandb" / "__init__.py").write_text("raise SystemExit('imported unasked')")
    run = new_run(tmp_path / "run", data, goal_kimg=0.008)
    path = os.pathsep.join([str(tmp_path / "site"), environment()["PYTHONPATH"]])

    done = subprocess.run(
        command("train", "--run-dir", run.path), env={**environment(), "PYTHONPATH": path}, check=False
    )

    assert done.returncode == 0


class Fake:
    """A library that takes everything, or fails when told to."""

    def __init__(self) -> None:
        self.logged: list[dict[str, Any]] = []
        self.begun: dict[str, Any] = {}
        self.fails = False
        self.finished = False

    def Settings(self, **settings: Any) -> dict[str, Any]:  # noqa: N802 - the library's own name
        return settings

    def Image(self, path: str) -> str:  # noqa: N802
        return f"picture {Path(path).name}"

    def init(self, **begun: Any) -> Fake:
        self.begun = begun
        return self

    def log(self, values: dict[str, Any]) -> None:
        if self.fails:
            raise ConnectionError("the service is gone")
        self.logged.append(values)

    def finish(self) -> None:
        self.finished = True


def test_figures_and_pictures_go_there_and_a_fault_of_the_service_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = Fake()
    monkeypatch.setitem(sys.modules, "wandb", fake)  # type: ignore[arg-type]
    run = RunFolder(tmp_path)
    reporter = Reporter(run.events, lambda line: None)
    reporter.attach(WandbLog(run, RunConfig(data="x", resolution=32, wandb="project", seed=7)))

    reporter.emit("metric", kimg=1.5, name="kernel_distance", value=0.25, n=60)
    reporter.emit("sample", kimg=1.5, path="samples/kimg-000001.500.png")
    reporter.emit("warning", message="m")
    reporter.close()

    assert fake.logged == [
        {"metrics/kernel_distance": 0.25, "images": 1500},
        {"samples": "picture kimg-000001.500.png", "images": 1500},
    ]
    assert (fake.begun["project"], fake.begun["name"], fake.begun["config"]["seed"]) == (
        "project",
        tmp_path.name,
        7,
    )
    assert fake.finished
    fake.fails = True
    reporter.emit("metric", kimg=2.0, name="kernel_distance", value=0.2, n=60)
    assert [event.kind for event in recorded(run)] == ["metric", "sample", "warning", "metric"]


@there
def test_offline_a_whole_run_lies_in_its_folder(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("WANDB_MODE", "offline")
    run = new_run(tmp_path / "run", data, goal_kimg=0.02, wandb="blastocysts")
    path = os.pathsep.join(part for part in (environment()["PYTHONPATH"], given) if part)

    done = subprocess.run(
        command("train", "--run-dir", run.path),
        env={**environment(), "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    (file,) = (run.path / "wandb").glob("offline-run-*/run-*.wandb")
    content = file.read_bytes()
    assert b"losses/loss_g" in content
    assert b"blastocysts" in content
