"""`labels import` and `labels export`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at, open_project, operator
from blasto_annotator.cli.console import out, out_json, progress_bar
from blasto_annotator.cli.tables import say_imported
from blasto_annotator.domain.errors import UserError

_IMPORT_EPILOG = epilog(
    "blasto-annotator labels import study grades.xlsx --grader Ana",
    "blasto-annotator labels import study sheet.csv --grader Ana --columns image=Photo,expansion=Stage",
    "blasto-annotator labels import study Gardner_train_silver.csv --grader 'Kromp silver'",
    text="Columns are recognised: image (a path, a file name, its stem or an embryo) or sha256 names the "
    "frame; expansion, icm and te (or one column grade) say the grade, or gradable “no” and a reason; a note "
    "is kept. Titles are looked for in the first 20 lines. Other columns are ignored; labels that stand "
    "already are skipped; lines left out are named with their reason.",
)
_EXPORT_EPILOG = epilog(
    "blasto-annotator labels export study grades.csv",
    "blasto-annotator labels export study for-partners --format imagenet",
    text="Without --format a plain CSV file is written, with the names as they are: image, sha256, embryo, "
    "plane, hpi, expansion, icm, te, group, gradable, reason, grader, time_utc, source, couple, phase, note, "
    "flags, on_screen. With it, a new folder is written and signed with the project's key; codes stand for "
    "names, and images are bare pixels.",
)
_HINTS = {
    "columns": "--columns FIELD=TITLE,...",
    "coding": "--coding kromp: 0 is A, expansion from 0; --coding numbers: 1 is A, expansion from 1",
}


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(
        name="labels", help="Take labels from a file, or write them to one.", no_args_is_help=True
    )
    app.command("import", epilog=_IMPORT_EPILOG)(import_labels)
    app.command("export", epilog=_EXPORT_EPILOG)(export_labels)
    app.command("imports", epilog=epilog("blasto-annotator labels imports study"))(list_imports)
    app.command("take-back", epilog=epilog("blasto-annotator labels take-back study 17"))(take_back)
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
    from blasto_annotator.importers.titles import UnclearTableError

    options = TableOptions(_pairs(columns), coding, sheet)
    try:
        with open_project(project) as opened, progress_bar("Labels") as progress:
            report = read_labels(opened, file.expanduser(), grader, progress, options, operator())
    except UnclearTableError as error:
        raise UserError(f"{str(error).rstrip('.')} ({_HINTS[error.lacks]}).") from error
    told = {"coding": report.coding, "columns": report.columns, "header_line": report.header}
    more = {"empty": report.empty, "partial": report.partial, "early": report.early, **told}
    say_imported(report, "label", file, as_json, report.why, report.empty, more)
    for remark in report.remarks if not as_json else ():
        out(remark)


def list_imports(project: ProjectFolder, as_json: AsJson = False) -> None:
    """List what tables brought: number, grader, labels, how many of them stand."""
    with look_at(project) as opened:
        found = opened.label_imports.all()
    if as_json:
        out_json([asdict(each) | {"time_utc": each.time_utc.isoformat()} for each in found])
        return
    for each in found:
        when = f"{each.time_utc:%Y-%m-%d %H:%M} UTC"
        out(f"{each.number}  {when}  {each.grader}: {each.labels} labels, {each.standing} stand")
    if not found:
        out("No labels were imported.")


def take_back(
    project: ProjectFolder,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As listed.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Take an import of labels back: what stood before it stands again; what was said since stays."""
    with open_project(project) as opened:
        done, left = opened.label_imports.take_back(number, operator())
    if as_json:
        out_json({"taken_back": done, "left": left})
        return
    since = f"; {left} stay, since more was said of them" if left else ""
    out(f"{done} label{'' if done == 1 else 's'} taken back{since}.")


def export_labels(
    project: ProjectFolder,
    target: Annotated[
        Path, typer.Argument(metavar="FILE.csv|FOLDER", help="What to write.", show_default=False)
    ],
    grader: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this grader's; everybody's by default.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help="A signed folder: csv, json, coco or imagenet."),
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="Write names, notes and paths as they are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Export the labels that stand: to a CSV file, or into a signed folder."""
    from blasto_annotator.importers.labels_table import export_labels as write_labels

    if form is not None:
        _export_signed(project, target.expanduser().absolute(), grader, form, names, as_json)
        return
    with look_at(project) as opened:
        count = write_labels(opened, target.expanduser(), grader)
    if as_json:
        out_json({"exported": count, "file": str(target.expanduser().resolve())})
    else:
        out(f"{count} label{'' if count == 1 else 's'} written to {target}.")


def _export_signed(
    project: Path, folder: Path, grader: str | None, form: str, names: bool, as_json: bool
) -> None:
    from blasto_annotator.curation.labels_export import ExportOptions
    from blasto_annotator.curation.labels_export import export_labels as write_folder

    options = ExportOptions(form, grader, pseudonyms=not names)
    with open_project(project) as opened, progress_bar("Images") as progress:
        report = write_folder(opened, folder, options, operator(), progress)
    if as_json:
        out_json({**asdict(report), "exported": report.labels})
        return
    left = f", {report.left_out} left out (no group, or no majority)" if report.left_out else ""
    out(f"{report.labels} labels, {report.images} images{left}: {report.folder}")
    out(f"Signed with the key {report.fingerprint}: tell it to the recipient by another way.")


def _pairs(text: str | None) -> dict[str, str] | None:
    """`image=Photo,expansion=Stage` as a mapping.

    Raises:
        UserError: a part without “=”.
    """
    found = {}
    for part in (text or "").split(","):
        field, equals, title = part.partition("=")
        if part and not equals:
            raise UserError(f"“{part}” in --columns names no column; write FIELD=TITLE, such as image=Photo.")
        if part:
            found[field.strip().lower()] = title.strip()
    return found or None
