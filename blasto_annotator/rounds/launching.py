"""A round as a process of its own: closing the window does not end it."""

from __future__ import annotations

import subprocess
import sys

from blasto_annotator.domain.errors import UserError
from blasto_annotator.rounds.record import Round
from blasto_annotator.store import Project
from blasto_annotator.training.process import detached

PROGRAM = ("-m", "blasto_annotator")
"""What our own Python runs: the same command that a person types."""


def launch(project: Project, current: Round) -> subprocess.Popen[bytes]:
    """Starts `retrain --round`, which takes the waiting round up. Keep the handle while it lives.

    Raises:
        UserError: the system refused.
    """
    command = [sys.executable, *PROGRAM, "retrain", str(project.folder), "--round"]
    try:
        with current.log.open("ab") as log:
            return detached(command, log, project.folder)
    except OSError as error:
        raise UserError(f"The round could not start ({error.strerror or error}).") from error


def last_word(current: Round) -> str:
    """The last line that a round's process wrote: why it ended where its record says nothing."""
    if not current.log.exists():
        return ""
    lines = current.log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
