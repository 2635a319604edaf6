"""Stays with a running trainer and shows how far it is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from blasto_annotator.cli.console import is_watched, note
from blasto_annotator.training.process import follow, record_end, stop_and_wait
from blasto_annotator.training.record import reached_kimg
from gan.contract.events import Event
from gan.contract.run_folder import RunFolder, RunState

OnEvent = Callable[[Event], None]


def stay_with(run: RunFolder, process: subprocess.Popen[bytes], offset: int) -> RunState:
    """Shows progress until the trainer ends. Ctrl+C stops and saves; a second one leaves it to that."""
    try:
        with display() as show:
            return follow(run, show, process, offset)
    except KeyboardInterrupt:
        note("Stopping: the trainer saves a checkpoint first; Ctrl+C again leaves it to do so alone.")
    try:
        state = stop_and_wait(run, process)
    except KeyboardInterrupt:
        return run.state()
    note(f"Stopped and saved at {reached_kimg(run):g} kimg; “blasto-annotator resume” goes on.")
    return state


def look_on(run: RunFolder) -> RunState:
    """Shows a run that another terminal or window started; Ctrl+C leaves it alone."""
    try:
        with display() as show:
            return follow(run, show, offset=record_end(run))
    except KeyboardInterrupt:
        note("The training goes on; “blasto-annotator stop” would save and stop it.")
        return run.state()


@contextmanager
def display() -> Iterator[OnEvent]:
    """A bar on a terminal; a line every tenth of the way in a log."""
    if not is_watched():
        yield _Lines().show
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns: tuple[Any, ...] = (TextColumn("Training"), BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("starting", total=None)

        def show(event: Event) -> None:
            _tell(event)
            if event.kind == "progress":
                done, goal = _reach(event)
                bar.update(task, completed=done, total=goal, description=_words(event))

        yield show


class _Lines:
    """Says a line every tenth of the goal."""

    def __init__(self) -> None:
        self._next = 0.0

    def show(self, event: Event) -> None:
        """Takes any event."""
        _tell(event)
        if event.kind != "progress":
            return
        done, goal = _reach(event)
        if goal and done / goal >= self._next:
            note(_words(event))
            self._next = done / goal + 0.1


def _tell(event: Event) -> None:
    """Says what is more than progress."""
    if event.kind == "started":
        fields = event.fields
        note(
            f"Training {fields.get('images')} images on {fields.get('device_title') or fields.get('device')}."
        )
        if fields.get("skipped"):
            note(f"{len(fields['skipped'])} tensors of the start model do not fit and start anew.")
    elif event.kind == "warning":
        note(str(event.fields.get("message", "")))


def _reach(event: Event) -> tuple[float, float]:
    return float(event.fields.get("kimg") or 0), float(event.fields.get("goal_kimg") or 0)


def _words(event: Event) -> str:
    done, goal = _reach(event)
    left = event.fields.get("seconds_left")
    return f"{done:.2f} of {goal:g} kimg" + ("" if left is None else f", {_time(float(left))} left")


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
