"""`import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import note, out, out_json, progress_bar

if TYPE_CHECKING:
    from blasto_annotator.domain.frames import ImportReport

SHOWN_REJECTED = 20
_EPILOG = epilog(
    "blasto-annotator import study /data/embryo_dataset --layout gomez",
    "blasto-annotator import study exports --pattern “(?P<embryo>[a-z0-9]+)_(?P<hpi>[0-9.]+)h.jpg”",
    text="A second import of the same source adds nothing. Files stay where they are.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("import", epilog=_EPILOG)(import_frames)


def import_frames(
    project: ProjectFolder,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder of frames.", show_default=False)],
    layout: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="folder, stork, gomez, ...; recognised where not given."),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX", help="File-name pattern with named groups embryo, plane, frame, hpi, grade."
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="A shipped file-name pattern, by name.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a folder of frames; say what was left out, file by file, and why."""
    from blasto_annotator.importers.run import import_source

    options = {key: value for key, value in (("pattern", pattern), ("preset", preset)) if value}
    chosen = layout or ("folder" if options else None)
    with open_project(project) as opened, progress_bar("Importing") as progress:
        report = import_source(
            opened, source.expanduser(), chosen, options or None, who=operator(), progress=progress
        )
    if as_json:
        out_json(_value(report))
    else:
        _print(report)


def _value(report: ImportReport) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(report)


def _print(report: ImportReport) -> None:
    planes = f", {len(report.planes)} focal planes" if len(report.planes) > 1 else ""
    out(
        f"{report.source}: {report.added} frames added, {report.known} known already, "
        f"{report.embryos} embryos{planes}; read as {report.layout}."
    )
    if not report.rejected:
        return
    note(f"{len(report.rejected)} files were left out:")
    for file in report.rejected[:SHOWN_REJECTED]:
        note(f"  {file.path}: {file.reason}")
    if len(report.rejected) > SHOWN_REJECTED:
        note(f"  and {len(report.rejected) - SHOWN_REJECTED} more; --json lists them all")
