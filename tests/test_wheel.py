"""The wheel works outside the checkout: built, installed elsewhere, started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    wheel = next(folder.glob("*.whl"))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(folder / "site"),
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    return folder / "site"


def run(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=installed.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_installed_packages_and_resources_are_the_wheels(installed: Path) -> None:
    code = (
        "import blasto_annotator, gan, gan.contract.resources as r;"
        "print(blasto_annotator.__file__, gan.__file__, r.resource('schemes', 'gardner-3group.toml'))"
    )
    for path in run(installed, "-c", code).split():
        assert path.startswith(str(installed))


def test_the_installed_program_makes_a_project(installed: Path, tmp_path: Path) -> None:
    run(installed, "-m", "blasto_annotator", "new", str(tmp_path / "project"))
    assert (tmp_path / "project" / "project.db").exists()


def test_commands_are_installed_for_a_terminal_and_for_a_shortcut(installed: Path) -> None:
    code = (
        "from importlib.metadata import distributions as d;"
        "print(*(f'{p.group}:{p.name}' for x in d(path=[%r]) for p in x.entry_points if callable(p.load())))"
    )
    assert run(installed, "-c", code % str(installed)).split() == [
        "console_scripts:blasto-annotator",
        "gui_scripts:blasto-annotator-window",
    ]


def test_the_installed_trainer_answers(installed: Path) -> None:
    assert "train" in run(installed, "-m", "gan", "--help")
