"""`scorer`."""

from __future__ import annotations

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import note, out, out_json

_EPILOG = epilog(
    "blasto-annotator scorer study",
    text="Says how well it foresees verdicts, by image and by round, or why it is not used.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EPILOG)(scorer)


def scorer(project: ProjectFolder, as_json: AsJson = False) -> None:
    """Train an expert scorer on all verdicts: how likely an image would be called perfect and right."""
    from blasto_annotator.rounds.learning import learn

    with open_project(project) as opened:
        info = learn(opened, operator(), note)
    if as_json:
        out_json({"scorer": info.path.name, "folder": str(info.path.resolve()), **info.facts})
        return
    note(info.sentence)
    out(str(info.path.resolve()))
