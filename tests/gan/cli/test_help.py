"""Help answers at once, and usage errors are told from others by the exit status."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gan.cli.app import main
from tests.gan.trainers import CHECKOUT, environment

COMMANDS = ("train", "generate", "evaluate", "describe", "convert", "devices")
HEAVY = ("torch", "safetensors", "cv2", "scipy")


def test_help_of_every_command_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom gan.cli.app import main\n"
        f"for name in {COMMANDS}:\n    assert main([name, '--help']) == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
        env=environment(),
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_help_names_every_command_and_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    shown = capsys.readouterr().out
    assert all(f" {name} " in shown for name in COMMANDS)
    assert "the same command resumes" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["train", "--run-dir", "x", "--kimg", "-1"],
        ["generate", "--network", "x"],
        ["generate", "--network", "x", "--out", "y"],
        ["generate", "--network", "x", "--out", "y", "--seeds", "1", "--per-class", "2"],
        ["generate", "--network", "x", "--batch-dir", "y", "--seeds", "1"],
        ["generate", "--network", "x", "--out", "y", "--projected-w", "w.npz", "--class", "0"],
        ["generate", "--network", "x", "--out", "y", "--seeds", "1", "--noise-mode", "loud"],
        ["nonsense"],
    ],
)
def test_wrong_usage_has_a_status_of_its_own(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    said = capsys.readouterr()
    assert (said.out, "Error" in said.err) == ("", True)
