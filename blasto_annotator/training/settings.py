"""Which Python trains: a choice of this user on this machine, kept outside every project."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import user_config_path

from gan.contract.jsonfile import read_json, write_json

INTERPRETER_VARIABLE = "BLASTO_TRAINER_PYTHON"
"""Environment variable that overrules the setting."""


def settings_file() -> Path:
    """Where the choice is kept."""
    return user_config_path("blasto-annotator") / "trainer.json"


def chosen_interpreter() -> str:
    """The Python that runs the trainer: environment variable, then the setting, then our own."""
    return os.environ.get(INTERPRETER_VARIABLE) or saved_interpreter() or sys.executable


def saved_interpreter() -> str:
    """The setting; empty where none was made or its file cannot be read."""
    try:
        value = read_json(settings_file())
    except (OSError, ValueError):
        return ""
    return str(value.get("interpreter", "")) if isinstance(value, dict) else ""


def save_interpreter(interpreter: str) -> None:
    """Keeps the choice; an empty text goes back to our own Python."""
    file = settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, {"v": 1, "interpreter": interpreter})
