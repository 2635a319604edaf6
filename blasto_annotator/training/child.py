"""Runs one of the trainer's short commands to its end."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence

from blasto_annotator.domain.errors import UserError
from blasto_annotator.training.command import NO_WINDOW, child_environment, gan_command

POLL_SECONDS = 0.2
Cancelled = Callable[[], bool]


def run_gan(arguments: Sequence[str], cancelled: Cancelled | None = None) -> str:
    """What `python -m gan ARGUMENTS` printed on standard output. The child ends with this process.

    Raises:
        UserError: it ended with a sentence, did not start, or `cancelled` said so.
    """
    try:
        child = subprocess.Popen(
            gan_command(arguments),
            env=child_environment(leashed=True),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=NO_WINDOW,
        )
    except OSError as error:
        raise UserError(f"The trainer could not start ({error.strerror or error}).") from error
    out, errors = _wait(child, arguments[0], cancelled)
    if child.returncode != 0:
        lines = errors.decode("utf-8", errors="replace").strip().splitlines()
        raise UserError(lines[-1] if lines else f"The trainer's command {arguments[0]} ended without a word.")
    return out.decode("utf-8", errors="replace")


def _wait(child: subprocess.Popen[bytes], name: str, cancelled: Cancelled | None) -> tuple[bytes, bytes]:
    try:
        while True:
            if cancelled is not None and cancelled():
                raise UserError(f"The trainer's command {name} was stopped; nothing of it was kept.")
            try:
                return child.communicate(timeout=POLL_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
