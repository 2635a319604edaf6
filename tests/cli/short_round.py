"""The command line with scorer and encoder that learn for seconds: `python -m tests.cli.short_round ...`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from blasto_annotator.training import evaluation, scorer
from blasto_annotator.training.child import run_gan
from gan.contract.config import RunConfig, read_config


def short_config(path: Path) -> RunConfig:
    """A run's configuration with a smaller evaluation."""
    return replace(read_config(path), encoder_steps=10, evaluate_per_class=8)


def short_scorer(words: Sequence[str], cancelled: Callable[[], bool] | None = None) -> str:
    """The trainer's scorer with fewer steps."""
    return run_gan([*words, "--steps", "30", "--repeats", "100"], cancelled)


def shorten() -> None:
    """For this whole process."""
    evaluation.read_config = short_config  # type: ignore[attr-defined]
    scorer.run_gan = short_scorer  # type: ignore[attr-defined]


if __name__ == "__main__":
    from blasto_annotator.cli.main import main

    shorten()
    sys.exit(main(sys.argv[1:]))
