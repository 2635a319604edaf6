"""`scorer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import note, out, out_json

if TYPE_CHECKING:
    from blasto_annotator.store import Project
    from gan.contract.scorer_folder import ScorerInfo

_EPILOG = epilog(
    "blasto-annotator scorer study",
    text="Says how well it foresees verdicts, by image and by round, or why it is not used.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EPILOG)(scorer)


def scorer(project: ProjectFolder, as_json: AsJson = False) -> None:
    """Train an expert scorer on all verdicts: how likely an image would be called perfect and right."""
    with open_project(project) as opened:
        info = learn(opened)
    if as_json:
        out_json({"scorer": info.path.name, "folder": str(info.path.resolve()), **info.facts})
        return
    note(info.sentence)
    out(str(info.path.resolve()))


def learn(project: Project) -> ScorerInfo:
    """Writes the table of verdicts and trains on it."""
    from blasto_annotator.curation.scoring import write_verdict_table
    from blasto_annotator.training.scorer import new_scorer, train_scorer
    from gan.contract.scorer_folder import VERDICT_FILE

    folder = new_scorer(project)
    table = write_verdict_table(project, folder / VERDICT_FILE)
    if table.left_out:
        note(f"{table.left_out} judged images are gone, changed or of other classes: they are left out.")
    return train_scorer(project, folder, operator())
