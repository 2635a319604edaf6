"""`new` and `info`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at, open_project, operator
from blasto_annotator.cli.console import out, out_json
from blasto_annotator.cli.moving import URL, say_password

if TYPE_CHECKING:
    from blasto_annotator.store import Project


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    examples = (
        "blasto-annotator new study --name 'Time-lapse 2026'",
        f"blasto-annotator new seat1 --database {URL}",
    )
    app.command(epilog=epilog(*examples))(new)
    app.command(epilog=epilog("blasto-annotator info study --json"))(info)
    app.command(epilog=epilog("blasto-annotator scheme study istanbul-2025"))(scheme)


def new(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="Folder to make.", show_default=False)],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The project's name; the folder's name by default.")
    ] = "",
    scheme: Annotated[str, typer.Option(metavar="NAME", help="Grading scheme.")] = "gardner-3group",
    database: Annotated[
        str, typer.Option(metavar="URL", help="An empty PostgreSQL database, for several seats.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Make a project: a folder with a database, to which sources, labels and runs are added."""
    from blasto_annotator.store import Project

    folder = project.expanduser()
    with Project.create(folder, name or folder.resolve().name, scheme, database=database) as made:
        answer = {"project": str(made.folder.resolve()), "id": made.id, "name": made.name}
        if as_json:
            out_json({**answer, "scheme": made.scheme.name})
        else:
            out(str(made.folder.resolve()))
    if database:
        say_password(database)


def info(project: ProjectFolder, as_json: AsJson = False) -> None:
    """Say what a project holds: sources, frames, labels, snapshots, runs, batches and reviews."""
    with look_at(project) as opened:
        facts = _facts(opened)
    if as_json:
        out_json(facts)
        return
    for title, value in facts.items():
        text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
        out(f"{title.replace('_', ' ')}: {text or '–'}")


def scheme(
    project: ProjectFolder,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Scheme to take.", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """Say which grading scheme a project uses, or take another. Grades stay as they were typed."""
    with open_project(project) as opened:
        found = opened.choose_scheme(name, operator()) if name else opened.scheme
    groups = [group.name for group in found.groups]
    if as_json:
        out_json({"scheme": found.name, "title": found.title, "groups": groups})
    else:
        out(f"{found.name}: {found.title} ({', '.join(groups)})")


def _facts(project: Project) -> dict[str, Any]:
    from blasto_annotator.training.generate import list_batches
    from blasto_annotator.training.runs import list_runs

    return {
        "project": str(project.folder.resolve()),
        "name": project.name,
        "database": project.location.name,
        "id": project.id,
        "scheme": project.scheme.name,
        "drawn_sample": project.is_sample,
        "sources": [source.name for source in project.frames.sources()],
        "frames": project.frames.count(),
        "graders": project.labels.graders(),
        "labels": len(project.labels.current()),
        "snapshots": sorted(path.parent.name for path in project.snapshots.glob("*/snapshot.json")),
        "runs": [row.name for row in list_runs(project)],
        "batches": [path.name for path in list_batches(project)],
        "reviews": len(project.reviews.current()),
        "model_in_use": project.models.current() or "",
    }
