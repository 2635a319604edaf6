"""`describe`: what a folder or file is."""

from __future__ import annotations

import json
from pathlib import Path
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
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column()
    for name, value in found.items():
        table.add_row(name, _text(value))
    Console(markup=False).print(table)  # a class or folder may be called [good]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if value is None:
        return "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)
