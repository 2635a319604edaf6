"""What a round says while it is walked, and how it is asked to stop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.rounds.record import Round
from gan.contract.events import Event
from gan.contract.jsonfile import read_json
from gan.contract.whole_file import whole_file

PROGRESS_SECONDS = 0.25
"""The file with the progress is written at most this often."""


class RoundStopped(UserError):  # noqa: N818 (it is an outcome, said in a sentence)
    """A person stopped the round; it goes on from there."""


def _silent(*_: object) -> None:
    """Says nothing."""


@dataclass
class Watch:
    """Who looks on: a terminal, or a window through the files beside the record."""

    note: Callable[[str], None] = _silent
    """Told a sentence whenever there is something to know."""
    event: Callable[[Event], None] = _silent
    """Told every event of a training."""
    asked: Callable[[], bool] = field(default=lambda: False)
    """Whether the one at the terminal wants to stop."""

    def stopped(self, current: Round) -> bool:
        """Whether anybody wants to stop."""
        return self.asked() or current.stop.exists()


@dataclass
class Progress:
    """Keeps how far the present step is in a file that others read."""

    current: Round
    _written: float = 0.0

    def say(self, words: str, done: int = 0, total: int | None = 0) -> None:
        """Words, and how many of how many where that is known."""
        now = time.monotonic()
        if done and done != total and now - self._written < PROGRESS_SECONDS:
            return
        self._written = now
        _replace(self.current, {"step": self.current.step, "words": words, "done": done, "total": total or 0})


def read_progress(current: Round) -> dict[str, Any]:
    """How far the present step is: `words`, `done`, `total`; empty where nothing was said of this step."""
    try:
        value = read_json(current.progress)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) and value.get("step") == current.step else {}


def _replace(current: Round, value: dict[str, Any]) -> None:
    """Whole or not at all, but not durable: it is worth nothing after a crash."""
    with suppress(OSError), whole_file(current.progress) as part:
        part.write_text(json.dumps(value), encoding="utf-8")
