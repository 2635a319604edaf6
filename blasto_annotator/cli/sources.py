"""`sources list` and `sources locate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at, open_project, operator
from blasto_annotator.cli.console import out, out_json, progress_bar
from blasto_annotator.domain.errors import UserError

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
    app.command(
        "burned-in",
        epilog=epilog(
            "blasto-annotator sources burned-in study stills --picture found.png",
            "blasto-annotator sources burned-in study stills --accept --way inpaint",
            text="Nothing is stored without --accept. Times and wells in the pictures are not read.",
        ),
    )(burned_in)
    return app


def list_sources(project: ProjectFolder, as_json: AsJson = False) -> None:
    """List the sources with their folders, and say which of them are not there."""
    from blasto_annotator.importers.locating import missing_sources

    with look_at(project) as opened:
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


def burned_in(
    project: ProjectFolder,
    source: SourceName,
    accept: Annotated[
        bool, typer.Option("--accept", help="Store the areas; snapshots mask them from then on.")
    ] = False,
    way: Annotated[
        str, typer.Option(metavar="WAY", help="What snapshots do: inpaint, crop or leave.")
    ] = "inpaint",
    boxes: Annotated[
        str | None,
        typer.Option(metavar="X,Y,W,H;...", help="These areas instead of those found, or “none”."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Write a frame with the areas drawn on it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find text and scale bars that the microscope burned into a source's pictures."""
    from blasto_annotator.importers.burned_in import confirm, look, masks_for, parse_boxes, write_picture
    from blasto_annotator.importers.locating import source_named

    given = None if boxes is None else parse_boxes("" if boxes == "none" else boxes)
    with open_project(project) as opened, progress_bar("Looking") as progress:
        chosen = source_named(opened, source)
        looked = look(opened, chosen, progress)
        own = None if given is None else {(looked[0].width, looked[0].height): given}
        masks = masks_for(looked, way, own)
        if picture is not None:
            areas = masks.boxes[looked[0].width, looked[0].height]
            write_picture(opened, looked[0], areas, picture.expanduser().absolute())
        if accept and given is None and not looked[0].enough:
            raise UserError(f"“{chosen.name}”: {looked[0].sentence} (--boxes).")
        if accept:
            confirm(opened, chosen, masks, operator())
    if as_json:
        out_json({"source": chosen.name, "stored": accept, **masks.as_options()})
        return
    for each in looked:
        out(f"{chosen.name}: {each.sentence}.")
    for (width, height), areas in masks.boxes.items():
        for box in areas:
            out(f"  {width} × {height}: {box.x},{box.y},{box.width},{box.height}")
    out(f"Stored: snapshots will {way} them." if accept else "Nothing is stored; --accept stores it.")
