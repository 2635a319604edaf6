"""The command line with scorer and encoder that learn for seconds: `python -m tests.cli.short_round ...`.

With the name of a part in `HOLD_ROUND` a round says “held” when that part is done and not yet kept, and waits
to be killed there: the worst moment for whoever goes on with it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from blasto_annotator.rounds.record import Round
from blasto_annotator.training import evaluation, scorer
from blasto_annotator.training.child import run_gan
from gan.contract.config import RunConfig, read_config

HOLD = "HOLD_ROUND"


def short_config(path: Path) -> RunConfig:
    """A run's configuration with a smaller evaluation."""
    return replace(read_config(path), encoder_steps=10, evaluate_per_class=8)


def short_scorer(words: Sequence[str], cancelled: Callable[[], bool] | None = None) -> str:
    """The trainer's scorer with fewer steps."""
    return run_gan([*words, "--steps", "15", "--repeats", "100"], cancelled)


def shorten() -> None:
    """For this whole process."""
    evaluation.read_config = short_config  # type: ignore[attr-defined]
    scorer.run_gan = short_scorer  # type: ignore[attr-defined]


def hold(held: str) -> None:
    """Lets the round wait between the deed of this part and its record."""
    keep = Round.part

    def part(self: Round, name: str, make: Callable[[], Any]) -> Any:
        if name == held and name not in self.done:
            make()
            print("held", flush=True)
            sys.stdin.read()
        return keep(self, name, make)

    Round.part = part  # type: ignore[method-assign]


if __name__ == "__main__":
    from blasto_annotator.cli.main import main

    shorten()
    if os.environ.get(HOLD):
        hold(os.environ[HOLD])
    sys.exit(main(sys.argv[1:]))
