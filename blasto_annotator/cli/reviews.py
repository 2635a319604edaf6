"""`reviews import` and `reviews export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project
from blasto_annotator.cli.console import out, out_json
from blasto_annotator.cli.tables import say_imported
from blasto_annotator.domain.errors import UserError

if TYPE_CHECKING:
    from blasto_annotator.store import Project

_IMPORT_EPILOG = epilog(
    "blasto-annotator reviews import study verdicts.csv --reviewer Ana",
    text="Columns: image (in its batch, or sha256), realism (perfect, minor_flaws, implausible), "
    "wrong_class, defects (divided by semicolons), looks_like. Wrong class alone is allowed.",
)


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(
        name="reviews", help="Take verdicts from a file, or write them to one.", no_args_is_help=True
    )
    app.command("import", epilog=_IMPORT_EPILOG)(import_reviews)
    app.command("export", epilog=epilog("blasto-annotator reviews export study verdicts.csv"))(export_reviews)
    return app


def import_reviews(
    project: ProjectFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Verdicts.", show_default=False)],
    reviewer: Annotated[
        str, typer.Option(metavar="NAME", help="Whose verdicts these are.", show_default=False)
    ],
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Whose images bare names mean, where several batches have them; or latest."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a reviewer's verdicts from a CSV file."""
    from blasto_annotator.curation.reviewing import import_reviews as read_reviews

    with open_project(project) as opened:
        report = read_reviews(opened, file.expanduser(), reviewer, _batch(opened, batch))
    say_imported(report, "verdicts", file, as_json)


def _batch(project: Project, text: str | None) -> str | None:
    """The id of the batch that a person means."""
    from blasto_annotator.training.generate import list_batches

    names = [folder.name for folder in list_batches(project)]
    if text is None or text in names:
        return text
    if text == "latest" and names:
        return names[0]
    known = ", ".join(names[:5]) or "none yet"
    raise UserError(f"There is no batch {text} in {project.folder}; the newest are: {known}.")


def export_reviews(
    project: ProjectFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="File to write.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Export the verdicts that stand to a CSV file."""
    from blasto_annotator.curation.reviewing import export_reviews as write_reviews

    with open_project(project) as opened:
        count = write_reviews(opened, file.expanduser())
    if as_json:
        out_json({"exported": count, "file": str(file.expanduser().resolve())})
    else:
        out(f"{count} verdicts written to {file}.")
