"""`scorer`: a network that predicts an expert's verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gan.contract.errors import UserError
from gan.contract.scorer_folder import SCORER_FILE


def scorer(
    verdicts: Annotated[Path, typer.Option(help="Table of verdicts (CSV), one row an image.")],
    out: Annotated[Path, typer.Option(help="Folder for scorer.json and, where it is of use, the network.")],
    steps: Annotated[int, typer.Option(help="Training steps of each network.", min=1)] = 400,
    repeats: Annotated[int, typer.Option(help="Bootstrap repeats for the intervals.", min=100)] = 1000,
    seed: Annotated[int, typer.Option(help="Of folds, networks and intervals.", min=0)] = 0,
    json_output: Annotated[bool, typer.Option("--json", help="Print scorer.json.")] = False,
) -> None:
    """Train an expert scorer on verdicts, and say honestly how good it is.

    It predicts whether an expert would call an image perfect and of the right class. Cross-validated by image
    and by round; where that leaves chance possible, no network is written and the sentence says why.
    """
    if (out / SCORER_FILE).exists():
        raise UserError(f"{out} holds a scorer already: name a new folder.")
    from gan.scoring.network import ScorerTraining
    from gan.scoring.scorer import make_scorer
    from gan.scoring.table import read_verdicts

    table = read_verdicts(verdicts)
    try:
        out.mkdir(parents=True, exist_ok=True)
        info = make_scorer(table, out, ScorerTraining(steps=steps, seed=seed), repeats, _tell)
    except OSError as error:
        raise UserError(f"The scorer {out} cannot be written ({error.strerror or error}).") from error
    typer.echo(json.dumps(info.facts) if json_output else info.sentence)


def _tell(done: int, total: int) -> None:
    typer.echo(f"cross-validation {done} of {total}", err=True)
