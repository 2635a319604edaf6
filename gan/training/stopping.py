"""Requests to stop: the STOP file and, where there are any, signals."""

from __future__ import annotations

import math
import signal
import time
from pathlib import Path
from types import FrameType

_LOOK_SECONDS = 0.2
_SAME_SECONDS = 1.0
_AWAY_SECONDS = 20.0
"""A network's disk may be away for some seconds."""


class StopRequest:
    """Whether somebody asked the trainer to save and end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._asked = False
        self._interrupted = math.inf
        self._looked = 0.0
        self._away_since = math.inf

    def listen(self) -> None:
        """Takes SIGTERM and SIGINT as requests and ignores SIGHUP: a closed terminal or window ends nothing.

        A second SIGINT interrupts at once; not within a second, for torchrun repeats those of the terminal.
        """
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def forget_file(self) -> None:
        """Removes a STOP file that a former sitting left."""
        self._file.unlink(missing_ok=True)

    def asked(self) -> bool:
        """Looks for the file at most five times a second.

        A folder that stays away was moved or removed: what is still learned would have no place.
        """
        now = time.monotonic()
        if not self._asked and now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            self._asked = self._file.exists() or self._is_away(now)
        return self._asked

    def _is_away(self, now: float) -> bool:
        self._away_since = math.inf if self._file.parent.is_dir() else min(self._away_since, now)
        return now - self._away_since >= _AWAY_SECONDS

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        if number == signal.SIGINT:
            now = time.monotonic()
            if now - self._interrupted >= _SAME_SECONDS:
                raise KeyboardInterrupt
            self._interrupted = min(self._interrupted, now)
