"""The command line's root: every command under one name, and what becomes of errors."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from blasto_annotator import __version__
from blasto_annotator.cli import (
    agreement,
    assignments,
    audit,
    demo,
    disputes,
    frames,
    generation,
    graders,
    labels,
    moving,
    near_copies,
    projects,
    queues,
    reports,
    reviews,
    runs,
    scorers,
    snapshots,
    sources,
    training,
)
from blasto_annotator.cli.arguments import epilog
from blasto_annotator.cli.console import accept_any_text, note
from blasto_annotator.domain.errors import UserError


class _InOrder(TyperGroup):
    """Lists the commands in the order of the loop."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override, unused-ignore]
        """Names, each once."""
        names = super().list_commands(ctx)
        return sorted(names, key=_ORDER.index)


_GROUPS = (sources, labels, queues, graders, assignments, disputes, reviews, reports, audit)
OpenWindow = Callable[[list[str]], int]
"""Opens the window with these arguments (a project's folder, or nothing); returns the exit status."""

_HELP = """Label, curate and generate images of human blastocysts. Research use only.

Without a command the window opens; with a project's folder alone, on that project. \
The loop, a command each station: new, import, labels import, snapshot, \
retrain, generate, reviews import, report review, and round again."""
_EPILOG = epilog(
    "blasto-annotator new study",
    "blasto-annotator import study /data/embryos",
    "blasto-annotator labels import study grades.csv --grader Ana",
    "blasto-annotator retrain study",
    "blasto-annotator generate study --run latest --per-class 100",
    "blasto-annotator report review study --out review.html",
    text="Exit codes: 0 done; 1 it could not be done, one sentence on stderr says why; 2 wrong usage. "
    "Answers go to stdout, everything else to stderr; --json prints the answer for scripts. "
    "“blasto-annotator COMMAND --help” says more of each.",
)
_ORDER = (
    *(
        "new",
        "join",
        "import",
        "sources",
        "labels",
        "queue",
        "graders",
        "assign",
        "snapshot",
        "retrain",
        "resume",
        "follow",
        "stop",
        "scorer",
        "generate",
        "near-copies",
        "reviews",
        "report",
        "agreement",
        "disputes",
    ),
    *("info", "scheme", "runs", "promote", "audit", "move", "demo"),
)


def build() -> typer.Typer:
    """The application with every command."""
    app = typer.Typer(
        name="blasto-annotator",
        cls=_InOrder,
        help=_HELP,
        epilog=_EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for room in (
        agreement,
        projects,
        frames,
        snapshots,
        training,
        runs,
        scorers,
        generation,
        near_copies,
        demo,
        moving,
    ):
        room.add_to(app)
    for grouped in _GROUPS:
        app.add_typer(grouped.group())
    return app


def names_project(arguments: Sequence[str]) -> bool:
    """Whether the arguments are a folder alone, which the window opens; a command's name is the command."""
    (name, *more) = arguments
    return not more and name not in _ORDER and not name.startswith("-") and Path(name).expanduser().is_dir()


def main(argv: Sequence[str] | None = None, open_window: OpenWindow | None = None) -> int:
    """Runs one command; returns its exit status. Errors that are not a user's stay loud."""
    accept_any_text()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        build()(args=arguments, prog_name="blasto-annotator", obj=open_window)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except UserError as error:
        note(str(error))
        return 1
    return 0


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and end.", is_eager=True, callback=lambda on: _version(on)
        ),
    ] = False,
) -> None:
    """Options of the program itself."""


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit
