"""`runs` and `promote`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at, open_project, operator
from blasto_annotator.cli.console import out, out_json

if TYPE_CHECKING:
    from blasto_annotator.store import Project
    from blasto_annotator.training.runs import RunRow

_EPILOG = epilog(
    "blasto-annotator promote study latest --why 'fewer merged zonae than before'",
    "blasto-annotator promote study study/runs/20260401-093000-gpu/checkpoints/kimg-002400.000",
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog=epilog("blasto-annotator runs study"))(runs)
    app.command(epilog=_EPILOG)(promote)


def runs(project: ProjectFolder, as_json: AsJson = False) -> None:
    """List the training runs, newest first."""
    from dataclasses import asdict

    from blasto_annotator.training.runs import list_runs

    with look_at(project) as opened:
        rows = list_runs(opened)
    if as_json:
        out_json([{**asdict(row), "folder": str(row.folder.path.resolve())} for row in rows])
    elif rows:
        _print(rows)
    else:
        out("No runs yet: “blasto-annotator retrain” starts one.")


def promote(
    project: ProjectFolder,
    model: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="A run, latest, or a checkpoint's folder.", show_default=False),
    ] = None,
    back: Annotated[
        bool, typer.Option("--back", help="Go back to the model that was in use before.")
    ] = False,
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the audit trail.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a run's newest checkpoint the model in use: the one that the next retraining starts from."""
    from blasto_annotator.reports.promotion import promote as put_into_use
    from blasto_annotator.training.models import model_title

    if back == (model is not None):
        raise typer.BadParameter("name a run, or give --back.")
    with open_project(project) as opened:
        checkpoint = _meant(opened, model)
        known = put_into_use(opened, checkpoint, operator(), why or ("went back" if back else ""))
        title = model_title(opened, checkpoint)
    if as_json:
        out_json({"checkpoint": str(checkpoint.resolve()), "evidence": known})
    else:
        out(f"{title[0].upper()}{title[1:]}. {known}")


def _meant(project: Project, model: str | None) -> Path:
    """The checkpoint of a name; without one that of the model before."""
    from blasto_annotator.reports.promotion import newest_choice
    from blasto_annotator.training.models import find_checkpoint, previous_model

    if model is None:
        return previous_model(project)
    return newest_choice(project) if model == "latest" else find_checkpoint(project, model)


def _print(rows: list[RunRow]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("run", "state", "kimg", "preset", "snapshot"):
        table.add_column(title, justify="right" if title == "kimg" else "left", no_wrap=True)
    for row in rows:
        table.add_row(
            row.name,
            row.state.value.replace("_", " "),
            f"{row.kimg:g} of {row.goal:g}",
            row.preset + (f" ({row.trial})" if row.trial else ""),
            row.snapshot[:12],
        )
    Console().print(table)
