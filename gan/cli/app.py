"""The trainer's commands. Heavy imports stay inside the commands, so that help answers at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from gan.cli.convert import convert
from gan.cli.describe import describe
from gan.cli.devices import devices
from gan.cli.evaluate import evaluate
from gan.cli.generate import generate
from gan.cli.scorer import scorer
from gan.cli.train import train
from gan.contract.errors import UserError

EPILOG = """Examples:

python -m gan train --run-dir runs/first --data snapshots/1a2b/train --preset cpu-quick

python -m gan train --run-dir runs/first          (the same command resumes)

python -m gan generate --network runs/first --seeds 0-31 --class good --out pictures

python -m gan describe runs/first
"""

app = typer.Typer(
    name="gan",
    help="Train and use generators of blastocyst images. Research use only.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(train)
app.command()(generate)
app.command()(evaluate)
app.command()(scorer)
app.command()(describe)
app.command()(convert)
app.command()(devices)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; exit status 0, 1 (one sentence on stderr) or 2 (usage)."""
    try:
        status = app(
            args=None if arguments is None else list(arguments),
            prog_name="python -m gan",
            standalone_mode=True,
        )
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    return int(status or 0)
