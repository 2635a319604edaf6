"""`sources list` and `sources locate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import out, out_json, progress_bar

SourceName = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A source's name or number.", show_default=False)
]


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(
        name="sources", help="Where the frames lie, and what is set per source.", no_args_is_help=True
    )
    app.command("list", epilog=epilog("blasto-annotator sources list study"))(list_sources)
    app.command(
        "locate",
        epilog=epilog(
            "blasto-annotator sources locate study stills /mnt/new/stills",
            text="The folder is taken only where the frames have the content that they had.",
        ),
    )(locate_source)
    return app


def list_sources(project: ProjectFolder, as_json: AsJson = False) -> None:
    """List the sources with their folders, and say which of them are not there."""
    from blasto_annotator.importers.locating import missing_sources

    with open_project(project) as opened:
        missing = {source.id for source in missing_sources(opened)}
        rows = [
            {
                "id": source.id,
                "name": source.name,
                "layout": source.layout,
                "folder": str(source.root),
                "there": source.id not in missing,
                "options": dict(source.options),
            }
            for source in opened.frames.sources()
        ]
    if as_json:
        out_json(rows)
        return
    for row in rows:
        lost = "" if row["there"] else "  (not there: sources locate)"
        out(f"{row['id']}  {row['name']}  {row['layout']}  {row['folder']}{lost}")


def locate_source(
    project: ProjectFolder,
    source: SourceName,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Where the files lie now, or near it.", show_default=False),
    ],
    partial: Annotated[
        bool, typer.Option("--partial", help="Accept a folder in which some frames are missing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find a moved source again: by its names and the content of its frames. Other images are refused."""
    from blasto_annotator.importers.locating import locate, source_named

    with open_project(project) as opened, progress_bar("Comparing") as progress:
        found = locate(
            opened, source_named(opened, source), folder.expanduser(), operator(), partial, progress
        )
    if as_json:
        counts = {"same": found.same, "same_size": found.sized, "looked_at": found.looked_at}
        out_json({"source": found.source.name, "folder": str(found.root), **counts, "missing": found.missing})
    else:
        out(f"{found.source.name} is read from {found.root}: {found.sentence}.")
