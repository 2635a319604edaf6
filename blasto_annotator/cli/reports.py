"""`report review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project
from blasto_annotator.cli.console import out, out_json

if TYPE_CHECKING:
    from blasto_annotator.reports.review_table import ReviewTable

_EPILOG = epilog(
    "blasto-annotator report review study",
    "blasto-annotator report review study --out review.html",
    "blasto-annotator report review study --batch 20260401-101500 --out review.csv",
    text="The file's ending names the format: .pdf, .html, .csv, .json or .md.",
)


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(name="report", help="Reports of what was reviewed.", no_args_is_help=True)
    app.callback()(_group)
    app.command("review", epilog=_EPILOG)(review)
    return app


def _group() -> None:
    """Reports of what was reviewed."""


def review(
    project: ProjectFolder,
    to: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File to write; printed where not given.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this batch; all of them by default.")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this reviewer; all of them by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count the verdicts per class and pooled, with 95 % Wilson intervals; real controls beside them."""
    from blasto_annotator.reports.review_table import review_table
    from blasto_annotator.reports.review_writers import as_value, write_report

    with open_project(project) as opened:
        table = review_table(opened, batch, reviewer)
    if to is not None:
        write_report(table, to.expanduser())
    if as_json:
        out_json(as_value(table))
    elif to is not None:
        out(str(to.expanduser().resolve()))
    else:
        print_table(table)


def print_table(table: ReviewTable) -> None:
    """The whole report on a terminal."""
    from rich.console import Console
    from rich.table import Table

    from blasto_annotator.reports.figures import COLUMNS, cells, section_title, tables

    console = Console(width=None if Console().is_terminal else 120)
    for section in table.sections:
        for title, rows in tables(section):
            shown = Table(title=f"{section_title(section)}: {title.lower()}", title_justify="left", box=None)
            for name in ("Class", "n", *(heading for _, heading in COLUMNS)):
                shown.add_column(name, justify="left" if name == "Class" else "right", no_wrap=True)
            for row in rows:
                shown.add_row(*cells(row))
            console.print(shown)
