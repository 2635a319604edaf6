"""`audit verify`."""

from __future__ import annotations

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project
from blasto_annotator.cli.console import out, out_json
from blasto_annotator.domain.errors import UserError


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(name="audit", help="The audit trail.", no_args_is_help=True)
    app.callback()(_group)
    app.command("verify", epilog=epilog("blasto-annotator audit verify study"))(verify)
    return app


def _group() -> None:
    """The audit trail."""


def verify(project: ProjectFolder, as_json: AsJson = False) -> None:
    """Check the audit trail's chain: an edit behind the application's back shows here."""
    with open_project(project) as opened:
        broken, rows = opened.audit.verify(), len(opened.audit.rows())
    if as_json:
        out_json(
            {"whole": broken is None, "rows": rows, "first_broken": None if broken is None else broken.id}
        )
    if broken is not None:
        raise UserError(
            f"The audit trail is broken at row {broken.id} ({broken.action} of {broken.subject} "
            f"by {broken.who}, {broken.time_utc}): it was changed outside the application; restore a backup."
        )
    if not as_json:
        out(f"The audit trail is whole: {rows} rows.")
