"""`report review` and `report model`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at
from blasto_annotator.cli.console import note, out, out_json

if TYPE_CHECKING:
    from blasto_annotator.reports.review_table import ReviewTable

_EPILOG = epilog(
    "blasto-annotator report review study",
    "blasto-annotator report review study --out review.html",
    "blasto-annotator report review study --batch 20260401-101500 --out review.csv",
    text="The file's ending names the format: .pdf, .html, .csv, .json or .md.",
)


_MODEL_EPILOG = epilog(
    "blasto-annotator report model study latest",
    "blasto-annotator report model study 20260401-093000-gpu --out card.html",
    text="The file's ending names the format: .html or .md.",
)


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(name="report", help="Reports of what was reviewed.", no_args_is_help=True)
    app.callback()(_group)
    app.command("review", epilog=_EPILOG)(review)
    app.command("model", epilog=_MODEL_EPILOG)(model)
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
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="A web page without the nearest real frames.")
    ] = False,
    no_published: Annotated[
        bool, typer.Option("--no-published", help="Without the published review beside it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Count the verdicts per class and pooled, with 95 % Wilson intervals; real controls beside them."""
    from blasto_annotator.imaging.decode import decode_grey
    from blasto_annotator.reports.figures import LEFT_OUT
    from blasto_annotator.reports.review_table import review_table
    from blasto_annotator.reports.review_writers import as_value, write_report

    with look_at(project) as opened:
        table = review_table(opened, batch, reviewer, not no_published, blind=True)
        folder = opened.folder
    if table.left_out:
        note(f"{LEFT_OUT} {', '.join(table.left_out)}.")
    if to is not None:
        load = (lambda path: decode_grey(folder / path)) if not no_pictures else None
        write_report(table, to.expanduser(), load)
    if as_json:
        out_json(as_value(table))
    elif to is not None:
        out(str(to.expanduser().resolve()))
    else:
        print_table(table)


def model(
    project: ProjectFolder,
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run, latest, or a checkpoint's folder.", show_default=False),
    ],
    to: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File to write; printed where not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A model card: training set, line of models, figures, reviewers, near copies, limits."""
    from blasto_annotator.reports.model_card import model_card
    from blasto_annotator.reports.review_writers import write_card
    from blasto_annotator.training.models import find_checkpoint

    with look_at(project) as opened:
        card = model_card(opened, find_checkpoint(opened, run))
    facts = [(row[0], row[1]) for row in card.grids[0].rows]
    if to is not None:
        write_card(card, to.expanduser())
    if as_json:
        rows = [dict(zip(grid.head, row, strict=True)) for grid in card.grids[1:] for row in grid.rows]
        out_json({"model_card": [{"fact": name, "value": value} for name, value in facts], "scores": rows})
    elif to is not None:
        out(str(to.expanduser().resolve()))
    else:
        width = max(len(name) for name, _ in facts) + 1
        for name, value in facts:
            out(f"{name + ':':<{width}} {value}")


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
