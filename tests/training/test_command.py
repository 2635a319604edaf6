"""The trainer's command line and the choice of its Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from blasto_annotator.training import settings
from blasto_annotator.training.command import child_environment, trainer_command


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of this test alone."""
    monkeypatch.delenv(settings.INTERPRETER_VARIABLE, raising=False)
    monkeypatch.setattr(settings, "user_config_path", lambda name: tmp_path / "config" / name)


def test_the_command_is_the_one_that_the_contract_names() -> None:
    # architecture.md: [interpreter, "-m", "gan", "train", "--run-dir", DIR]
    command = trainer_command(Path("/p/runs/r 1"), "/other/python")

    assert command == ["/other/python", "-m", "gan", "train", "--run-dir", str(Path("/p/runs/r 1"))]


def test_our_own_python_trains_where_nothing_was_chosen() -> None:
    assert trainer_command(Path("r"))[0] == sys.executable


def test_a_chosen_python_is_remembered_and_can_be_taken_back() -> None:
    settings.save_interpreter("/opt/cuda/bin/python")
    assert settings.chosen_interpreter() == "/opt/cuda/bin/python"

    settings.save_interpreter("")
    assert settings.chosen_interpreter() == sys.executable


def test_the_environment_variable_overrules_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.save_interpreter("/opt/cuda/bin/python")
    monkeypatch.setenv(settings.INTERPRETER_VARIABLE, "/env/python")

    assert trainer_command(Path("r"))[0] == "/env/python"


def test_a_damaged_settings_file_is_no_obstacle() -> None:
    settings.save_interpreter("/opt/python")
    settings.settings_file().write_text("{", encoding="utf-8")

    assert settings.chosen_interpreter() == sys.executable


def test_a_child_finds_gan_from_any_folder_and_no_module_that_lies_there(tmp_path: Path) -> None:
    (tmp_path / "gan.py").write_text("raise SystemExit('the wrong gan')", encoding="utf-8")

    child = subprocess.run(
        [sys.executable, "-c", "import gan; print(gan.__doc__)"],
        cwd=tmp_path,
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "training backend" in child.stdout, child.stderr


def test_a_child_writes_utf_8_whatever_the_code_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "POSIX")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    monkeypatch.setenv("PYTHONUTF8", "0")

    child = subprocess.run(
        [sys.executable, "-c", "print('Blastozyste №7')"],
        env=child_environment(),
        capture_output=True,
        check=False,
    )

    assert child.stdout.decode("utf-8").strip() == "Blastozyste №7", child.stderr
