"""The program as a child process, and small trees of frames for it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.cli.main import main
from blasto_annotator.importers.labels_csv import import_labels
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project

CHECKOUT = Path(__file__).resolve().parents[2]


GRADES = ("AA", "BB", "CC")


def label_all(project: Project, table: Path) -> None:
    """A label for every frame, the embryos dealt to the three groups in turn; the table is written first."""
    rows = [
        (frame.path, 3, *GRADES[place % 3])
        for place, embryo in enumerate(project.frames.embryos())
        for frame in project.frames.of_embryo(embryo.id)
    ]
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("image", "expansion", "icm", "te"), *rows])
    import_labels(project, table, "Ana")


@dataclass(frozen=True)
class Answer:
    """What the program said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer for scripts: all of stdout is one JSON value."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line of a refusal."""
        assert self.code == 1, self
        assert self.out == "", self.out
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


Program = Callable[..., Answer]


def environment(home: Path) -> dict[str, str]:
    """A user without settings, with the checkout on the path, one thread a process."""
    own = {
        "PYTHONPATH": str(CHECKOUT),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "OMP_NUM_THREADS": "1",
    }
    return {**os.environ, **own, "COLUMNS": "100", "PYTHONUTF8": "1"}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs `blasto-annotator` with these arguments, somewhere outside the checkout."""
    home = tmp_path / "home"
    home.mkdir()

    def run(*arguments: object, code: int | None = 0) -> Answer:
        command = [sys.executable, "-m", "blasto_annotator", *(str(part) for part in arguments)]
        done = subprocess.run(
            command,
            cwd=home,
            env=environment(home),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert code is None or done.returncode == code, done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


def write_frames(folder: Path, embryos: int = 6, planes: tuple[int, ...] = (-15, 0, 15)) -> list[str]:
    """Frames of noise named `e0_-15_2.png` (embryo, plane, position); returns their names."""
    folder.mkdir(parents=True)
    names = []
    for embryo in range(embryos):
        for plane in planes:
            name = f"e{embryo}_{plane}_1.png"
            rng = np.random.default_rng([embryo, plane + 100])
            Image.fromarray(rng.integers(0, 256, (64, 64), np.uint8)).save(folder / name)
            names.append(name)
    return names


PATTERN = r"(?P<embryo>e\d+)_(?P<plane>-?\d+)_(?P<frame>\d+)\.png"


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """18 frames: 6 embryos, 3 planes."""
    folder = tmp_path / "кадры d'été"
    write_frames(folder)
    return folder


@pytest.fixture
def study(tmp_path: Path, frames: Path) -> Path:
    """A project with these frames imported."""
    folder = tmp_path / "study"
    with Project.create(folder) as project:
        import_source(project, frames, "folder", {"pattern": PATTERN})
    return folder


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The same in this process, where a child's start would cost more than it shows."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, code: int | None = 0) -> Answer:
        status = main([str(part) for part in arguments])
        said = capsys.readouterr()
        assert code is None or status == code, said.err
        return Answer(status, said.out, said.err)

    return run
