"""`retrain --round`: once round the loop at a terminal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from blasto_annotator.cli.arguments import operator
from blasto_annotator.cli.console import note
from blasto_annotator.cli.following import display
from blasto_annotator.rounds.record import RoundWish
from blasto_annotator.rounds.steps import steps_of
from blasto_annotator.rounds.walking import take_up, walk_round
from blasto_annotator.rounds.watch import Watch
from blasto_annotator.store import Project


def go_round(project: Project, wish: dict[str, Any], afresh: bool) -> dict[str, Any]:
    """Goes on with the round that waits, else begins one; returns what every part came to.

    Raises:
        UserError: a step could not be done, or the person stopped it; the same command goes on from there.
    """
    current, waited = take_up(project, RoundWish(**wish, who=operator()), afresh)
    if waited:
        done = [step.title.lower() for step in steps_of(current.wish) if step.name in current.said]
        note(
            f"Round {current.number} goes on as it was begun; done: {', '.join(done) or 'nothing'}. "
            "“--afresh” would begin another."
        )
    with _interruptible() as asked, display() as show:
        return walk_round(project, current, Watch(note, show, asked))


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """The first Ctrl+C asks to save and stop; a second one leaves at once."""
    pressed: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)
        note("Stopping: what is under way is saved or given up; Ctrl+C again leaves it at that.")

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
