"""`labels import` and `labels export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project
from blasto_annotator.cli.console import out, out_json, progress_bar
from blasto_annotator.cli.tables import say_imported

_IMPORT_EPILOG = epilog(
    "blasto-annotator labels import study grades.xlsx --grader Ana",
    "blasto-annotator labels import study sheet.csv --grader Ana --columns image=Photo,expansion=Stage",
    "blasto-annotator labels import study Gardner_train_silver.csv --grader “Kromp silver”",
    text="Columns are recognised: image (a path, a file name, its stem or an embryo) or sha256 names the "
    "frame; expansion, icm and te (or one column grade) say the grade, or gradable “no” and a reason. Other "
    "columns are ignored; labels that stand already are skipped; lines left out are named with their reason.",
)
_EXPORT_EPILOG = epilog(
    "blasto-annotator labels export study grades.csv",
    text="Columns: image, sha256, embryo, plane, hpi, expansion, icm, te, group, gradable, reason, grader, "
    "time_utc.",
)


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(
        name="labels", help="Take labels from a file, or write them to one.", no_args_is_help=True
    )
    app.command("import", epilog=_IMPORT_EPILOG)(import_labels)
    app.command("export", epilog=_EXPORT_EPILOG)(export_labels)
    return app


def import_labels(
    project: ProjectFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or .xlsx of labels.", show_default=False)],
    grader: Annotated[str, typer.Option(metavar="NAME", help="Whose labels these are.", show_default=False)],
    columns: Annotated[
        str | None,
        typer.Option(metavar="FIELD=TITLE,...", help="Which column means what; recognised where not given."),
    ] = None,
    coding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Codes of the cells: gardner, kromp or numbers.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Worksheet of a workbook; the first by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a grader's labels from a CSV file or an Excel workbook."""
    from blasto_annotator.importers.labels_csv import TableOptions
    from blasto_annotator.importers.labels_csv import import_labels as read_labels

    options = TableOptions(_pairs(columns), coding, sheet)
    with open_project(project) as opened, progress_bar("Labels") as progress:
        report = read_labels(opened, file.expanduser(), grader, progress, options)
    say_imported(report, "labels", file, as_json)


def export_labels(
    project: ProjectFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="File to write.", show_default=False)],
    grader: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this grader's; everybody's by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Export the labels that stand to a CSV file."""
    from blasto_annotator.importers.labels_csv import export_labels as write_labels

    with open_project(project) as opened:
        count = write_labels(opened, file.expanduser(), grader)
    if as_json:
        out_json({"exported": count, "file": str(file.expanduser().resolve())})
    else:
        out(f"{count} labels written to {file}.")


def _pairs(text: str | None) -> dict[str, str] | None:
    """`image=Photo,expansion=Stage` as a mapping.

    Raises:
        UserError: a part without “=”.
    """
    from blasto_annotator.domain.errors import UserError

    found = {}
    for part in (text or "").split(","):
        field, equals, title = part.partition("=")
        if part and not equals:
            raise UserError(f"“{part}” in --columns names no column; write FIELD=TITLE, such as image=Photo.")
        if part:
            found[field.strip().lower()] = title.strip()
    return found or None
