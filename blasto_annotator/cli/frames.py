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
    "blasto-annotator import study exports --pattern '(?P<embryo>[^_]+)_(?P<hpi>[0-9.]+)h.jpg'",
    "blasto-annotator import study well7.avi --first-hpi 96 --frame-hours 0.25",
    text="A second import of the same source adds nothing. Files stay where they are unless --copy is given; "
    "videos and TIFF stacks are unpacked into the project.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("import", epilog=_EPILOG)(import_frames)


def import_frames(
    project: ProjectFolder,
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Folder of frames, or a video.", show_default=False)
    ],
    layout: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="folder, films, kromp, ...; recognised where not given."),
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
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy the files into the project, which can then be moved.")
    ] = False,
    pages: Annotated[
        str | None, typer.Option(metavar="WHAT", help="Pages of TIFF stacks: recognised, times or planes.")
    ] = None,
    plane_step: Annotated[
        float | None, typer.Option(metavar="UM", help="Stacks: micrometres between planes.")
    ] = None,
    first_hpi: Annotated[
        float | None, typer.Option(metavar="HOURS", help="Videos and stacks: hpi of the first frame.")
    ] = None,
    frame_hours: Annotated[
        float | None, typer.Option(metavar="HOURS", help="Videos and stacks: from frame to frame.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a folder of frames, a video or a stack; say what was left out, file by file, and why."""
    from blasto_annotator.importers.run import import_source

    asked = {
        "pattern": pattern,
        "preset": preset,
        "files": "copy" if copy else None,
        "pages": pages,
        "plane_step": plane_step,
        "first_hpi": first_hpi,
        "frame_hours": frame_hours,
    }
    options = {key: value for key, value in asked.items() if value is not None}
    chosen = layout or ("folder" if pattern or preset else None)
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
        f"{report.embryos} embryo{'' if report.embryos == 1 else 's'}{planes}; read as {report.layout}"
        f"{f': {report.reason}' if report.reason else ''}."
    )
    for remark in report.remarks:
        note(remark)
    if not report.rejected:
        return
    note(f"{len(report.rejected)} files were left out:")
    for file in report.rejected[:SHOWN_REJECTED]:
        note(f"  {file.path}: {file.reason}")
    if len(report.rejected) > SHOWN_REJECTED:
        note(f"  and {len(report.rejected) - SHOWN_REJECTED} more; --json lists them all")
