"""The process's output: events by themselves, everything else in the log."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Streams:
    """Duplicates of the descriptors that the process was started with."""

    events: int
    """Standard output as it was: for events alone."""
    errors: int
    """Standard error as it was: for the one sentence to the person."""


def redirect(log_file: Path | None) -> Streams:
    """Keeps standard output for events and sends all other output to `log_file` (or standard error).

    Works on the descriptors, so that no library, in Python or not, can write between events. To be called
    before torch is imported.

    Raises:
        OSError: the log cannot be opened.
    """
    streams = Streams(events=_duplicate(1), errors=_duplicate(2))
    if log_file is not None:
        target = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(target, 2)
        os.close(target)
    os.dup2(2, 1)
    if sys.__stderr__ is None:  # a program without a console starts without one
        sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="replace")
    _start_log()
    return streams


def say(streams: Streams, sentence: str) -> None:
    """Tells the person at the original standard error; nobody being there is no error."""
    try:
        os.write(streams.errors, (sentence + "\n").encode())
    except OSError as error:
        logging.getLogger(__name__).info("nobody reads standard error: %s", error)


def _duplicate(descriptor: int) -> int:
    try:
        return os.dup(descriptor)
    except OSError:  # started without one
        return os.open(os.devnull, os.O_WRONLY)


def _start_log() -> None:
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)sZ %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    logging.captureWarnings(True)
    faulthandler.enable(sys.stderr)
