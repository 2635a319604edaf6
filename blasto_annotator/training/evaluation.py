"""Scores a run's newest checkpoint against the snapshot that it was trained on, in a child process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blasto_annotator.training.child import run_gan
from blasto_annotator.training.record import newest_checkpoint
from gan.contract.config import read_config
from gan.contract.run_folder import RunFolder

FILE = "evaluation.json"
"""In the run's folder."""


@dataclass(frozen=True)
class Evaluation:
    """The pooled figures of an evaluation."""

    path: Path
    """The whole of it."""
    extractor: str
    figures: dict[str, float]


def evaluate_run(
    run: RunFolder, repeats: int = 100, cancelled: Callable[[], bool] | None = None
) -> Evaluation:
    """Evaluates with the run's own settings (images a class, features) and keeps the result in its folder.

    Raises:
        UserError: too few images, no checkpoint, cancelled, or another sentence of the trainer's.
    """
    config, checkpoint, path = read_config(run.config), newest_checkpoint(run), run.path / FILE
    data = Path(config.data)
    data = (data if data.is_absolute() else run.path / data).resolve()
    options = {
        "--data": data.parent if (data.parent / "snapshot.json").exists() else data,
        "--network": checkpoint or run.path,
        "--per-class": config.evaluate_per_class,
        "--features": config.evaluate_features,
        "--encoder-steps": config.encoder_steps,
        "--repeats": repeats,
        "--device": config.device,
        "--out": path,
    }
    words = [str(part) for pair in options.items() for part in pair]
    said = run_gan(["evaluate", *words, "--json"], cancelled)
    found: dict[str, Any] = json.loads(said)
    pooled = found["scores"][0]["values"]
    figures = {name: float(value) for name, value in pooled.items() if value is not None}
    return Evaluation(path, str(found["extractor"]["name"]), figures)
