"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.domain.people import Operator, login_name

if TYPE_CHECKING:
    from blasto_annotator.store import Project

ProjectFolder = Annotated[
    Path, typer.Argument(metavar="PROJECT", help="The project's folder.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON and nothing else on stdout.")]


def open_project(folder: Path) -> Project:
    """The project in a folder; close it, or use it in a `with` block."""
    from blasto_annotator.store import Project

    return Project.open(folder.expanduser())


def look_at(folder: Path) -> Project:
    """The same for commands that change nothing: a project that may not be written is opened for reading."""
    from blasto_annotator.store import Project

    return Project.open(folder.expanduser(), or_read=True)


def operator() -> Operator:
    """Who the audit trail names for acts that ask for no grader: the login name."""
    return Operator(login_name())


def epilog(*examples: str, text: str = "") -> str:
    """The end of a command's help: examples, one a line, then what else must be known."""
    title = "Example" if len(examples) == 1 else "Examples"
    return "\n\n".join(filter(None, [f"{title}:", "\n".join(examples), text]))
