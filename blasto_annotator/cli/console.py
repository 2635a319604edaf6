"""What goes where: answers on stdout, everything else on stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[int, int | None], None]
"""Told what is done and what there is in all (None: not known)."""


def out(text: str) -> None:
    """A line of the answer."""
    print(text, file=sys.stdout)


def out_json(value: object) -> None:
    """The answer as JSON, and nothing else, for scripts. Plain ASCII, so that no pipe can garble it."""
    print(json.dumps(value, indent=1, default=str), file=sys.stdout)


def note(text: str) -> None:
    """A line for the person who watches."""
    print(text, file=sys.stderr, flush=True)


def accept_any_text(platform: str = sys.platform) -> None:
    """Lets names that a terminal cannot show be escaped rather than end the program.

    What Windows hands on to a file or a script would be in its user's code page; it is UTF-8 as elsewhere.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            handed_on = platform == "win32" and not stream.isatty()
            stream.reconfigure(encoding="utf-8" if handed_on else None, errors="backslashreplace")


def is_watched() -> bool:
    """Whether a person at a terminal sees stderr."""
    return sys.stderr.isatty()


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """A bar on a terminal, nothing in a script's log."""
    if not is_watched():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
