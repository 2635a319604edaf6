"""The trainer's command line: the only place that builds it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import gan
from blasto_annotator.training.settings import chosen_interpreter
from gan.contract.leash import LEASH

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""`creationflags` of every child: on Windows it and its own children would open a console each."""


def trainer_command(run: Path, interpreter: str = "") -> list[str]:
    """Trains the run in folder `run`; the same command again resumes it."""
    return gan_command(["train", "--run-dir", str(run)], interpreter)


def gan_command(arguments: Sequence[str], interpreter: str = "") -> list[str]:
    """`python -m gan ...` with the interpreter given, else the one of the settings."""
    return [interpreter or chosen_interpreter(), "-m", "gan", *arguments]


def child_environment(leashed: bool = False) -> dict[str, str]:
    """A child's environment: it finds our `gan`, and no module that lies in its working folder.

    A leashed child ends with this process, however that ends; a training is not leashed.
    """
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    environment.pop(LEASH, None)
    if leashed:
        environment[LEASH] = str(os.getpid())
    home = _checkout()
    if home is not None:
        others = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(home), others]))
    return environment


def _checkout() -> Path | None:
    """The checkout that `gan` runs from; None where it is installed (another Python has its own copy)."""
    home = Path(gan.__file__).resolve().parents[1]
    return None if home.name in ("site-packages", "dist-packages") else home
