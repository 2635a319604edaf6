"""Runs one of the trainer's short commands to its end."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from blasto_annotator.domain.errors import UserError
from blasto_annotator.training.command import child_environment, gan_command


def run_gan(arguments: Sequence[str]) -> str:
    """What `python -m gan ARGUMENTS` printed on standard output.

    Raises:
        UserError: it ended with a sentence, or did not start.
    """
    try:
        done = subprocess.run(
            gan_command(arguments),
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise UserError(f"The trainer could not start ({error.strerror or error}).") from error
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        raise UserError(lines[-1] if lines else f"The trainer's command {arguments[0]} ended without a word.")
    return done.stdout.decode("utf-8", errors="replace")
