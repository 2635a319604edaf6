"""`join` and `move`: several seats on a PostgreSQL server, and the way there and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, operator
from blasto_annotator.cli.console import note, out, out_json, progress_bar

URL = "postgresql+psycopg://ann@lab-server/embryos"
FILE = ("file", "sqlite")
_JOIN = "The folder holds this seat's snapshots, runs and batches; frames, labels and reviews are shared."
_MOVE = (
    "Everything is copied, counted and its audit trail verified before the switch; until then, and if "
    "anything fails, the project stays where it was. The old database is kept: the file beside the project, "
    "or the server's, which refuses further writes. Close the project's windows first."
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog=epilog(f"blasto-annotator join seat2 --database {URL}", text=_JOIN))(join)
    examples = (f"blasto-annotator move study --to {URL}", "blasto-annotator move study --to file")
    app.command(epilog=epilog(*examples, text=_MOVE))(move)


def join(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="Folder to make.", show_default=False)],
    database: Annotated[
        str, typer.Option(metavar="URL", help="The database that holds the project.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Make a folder that is one more seat of a project on a PostgreSQL server."""
    from blasto_annotator.store import Project

    with Project.join(project.expanduser(), database) as joined:
        answer = {"project": str(joined.folder.resolve()), "id": joined.id, "name": joined.name}
    if as_json:
        out_json(answer)
    else:
        out(f"{answer['project']} is a seat of {answer['name']} now.")
    say_password(database)


def move(
    project: ProjectFolder,
    to: Annotated[
        str,
        typer.Option(metavar="URL|file", help="An empty PostgreSQL database, or file.", show_default=False),
    ],
    as_json: AsJson = False,
) -> None:
    """Move a project from its file to a PostgreSQL server, or back."""
    from blasto_annotator.store.location import Location, parse_url
    from blasto_annotator.store.moving import move as move_project
    from blasto_annotator.store.project import Project

    folder = project.expanduser().absolute()
    target = Location(folder, None if to in FILE else parse_url(to))
    Project.open(folder).close()  # says what is wrong with it, and brings it up to date
    with progress_bar("Rows") as progress:
        moved = move_project(folder, target, operator(), progress)
    if as_json:
        out_json(asdict(moved))
    else:
        out(
            f"{moved.rows:,} rows moved to {moved.to} and verified; the old database is kept: {moved.backup}."
        )
    if to not in FILE:
        say_password(to)


def say_password(address: str) -> None:
    """Says where the password belongs, where the address held one."""
    from blasto_annotator.store.location import has_password, parse_url, password_file, password_line

    url = parse_url(address)
    if has_password(url):
        note(
            f"The password was not stored: put the line {password_line(url)} with it into {password_file()} "
            "(readable by you alone), or set PGPASSWORD, before the project is opened again."
        )
