"""`describe`: what a folder or file is."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any

import typer


def describe(
    path: Annotated[
        Path, typer.Argument(help="A run, checkpoint, converted file, snapshot, batch or data set.")
    ],
    json_output: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what a run, checkpoint, snapshot, generated batch or data set is."""
    from gan.cli.describing import facts

    found = facts(path)
    if json_output:
        typer.echo(json.dumps(found))
        return
    _show(found)


def _show(found: dict[str, Any]) -> None:
    """A name and its value a line, never folded: paths are copied from here."""
    width = max(map(len, found)) + 2
    for name, value in found.items():
        first, *others = _text(value).split("\n")
        typer.echo(f"{name:<{width}}{first}")
        for line in others:
            typer.echo(" " * width + line)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(_entry(name, inner) for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return "–" if value is None else str(value)


def _entry(name: str, value: Any) -> str:
    text = _text(value)
    return f"{name}:\n{indent(text, '  ')}" if isinstance(value, dict) else f"{name}: {text}"
