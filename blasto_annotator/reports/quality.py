"""How a model scored against real images: from its run's evaluation, else from what its training recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blasto_annotator.reports.evidence import Grid
from blasto_annotator.training.evaluation import FILE
from gan.contract.events import read_events
from gan.contract.jsonfile import read_json
from gan.contract.run_folder import RunFolder

SCORES = {
    "frechet_distance": "Fréchet distance",
    "kernel_distance": "Kernel distance",
    "precision": "Precision",
    "recall": "Recall",
    "density": "Density",
    "coverage": "Coverage",
    "class_fidelity": "Class fidelity",
}
INCEPTION = {"frechet_distance": "FID", "kernel_distance": "KID"}
"""What the first two are called with Inception features, and only with them."""
POOLED = "pooled"
RECALL = (
    "Recall is the share of real frames that the generator reaches: it falls where variety is lost, as "
    "happens when models train on what models made (Alemohammad et al. 2024)."
)
SOURCES = (
    "Fréchet distance: Heusel et al. 2017; kernel distance: Bińkowski et al. 2018; precision and recall: "
    "Kynkäänniemi et al. 2019; density and coverage: Naeem et al. 2020. Distances of different features "
    "cannot be compared."
)


@dataclass(frozen=True)
class Scored:
    """One class of a model, or all pooled."""

    name: str
    n_real: int | None
    n_generated: int | None
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Quality:
    """A model's scores."""

    features: str
    """The extractor: Inception, or an encoder of the project's own."""
    origin: str
    """Where the scores stand: an evaluation, or the training at so many kimg."""
    scores: tuple[Scored, ...]
    """Pooled first."""

    @property
    def pooled(self) -> Scored:
        return self.scores[0]

    def title(self, score: str) -> str:
        """A score's name: FID and KID with Inception features only."""
        short = INCEPTION.get(score) if self.features.lower().startswith("inception") else None
        return short or SCORES[score]


def quality_of(run: Path, model: str, kimg: float | None = None) -> Quality | None:
    """Scores of the model with this hash in a run's folder; None where nobody scored it.

    Without an evaluation of this very model, the newest figures that its training recorded at or before
    `kimg` (all of them where it is None).
    """
    return evaluated(run, model) or _recorded(RunFolder(run), kimg)


def evaluated(run: Path, model: str) -> Quality | None:
    """The evaluation of this very model in a run's folder, by class; None where there is none."""
    return _evaluated(run / FILE, model)


def score_cell(scored: Scored, name: str) -> str:
    """`0.012 (0.010 to 0.015)`; a dash where it is not known."""
    value = scored.values.get(name)
    if value is None:
        return "–"
    text = f"{value:.3g}"
    if name in scored.intervals:
        low, high = scored.intervals[name]
        text += f" ({low:.3g} to {high:.3g})"
    return text


def score_grid(quality: Quality) -> Grid:
    """Classes in rows, scores in columns, with the number of images on both sides."""
    names = [name for name in SCORES if any(name in scored.values for scored in quality.scores)]
    head = ("Class", "Real", "Generated", *(quality.title(name) for name in names))
    rows = tuple(
        (one.name, _count(one.n_real), _count(one.n_generated), *(score_cell(one, name) for name in names))
        for one in quality.scores
    )
    return Grid(f"Scores ({quality.features}, {quality.origin})", head, rows)


def _count(number: int | None) -> str:
    return "–" if number is None else str(number)


def _evaluated(path: Path, model: str) -> Quality | None:
    try:
        said = read_json(path)
        if said["generated"] != model:
            return None
        scores = tuple(_scored(one) for one in said["scores"])
        return Quality(str(said["extractor"]["name"]), "evaluation of this model", scores) if scores else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # none yet, or damaged: the training's own figures serve


def _scored(said: Mapping[str, Any]) -> Scored:
    values = {name: float(value) for name, value in said["values"].items() if value is not None}
    bounds = {
        name: (float(pair[0]), float(pair[1])) for name, pair in said["intervals"].items() if None not in pair
    }
    return Scored(str(said["name"]), said["n_real"], said["n_generated"], values, bounds)


def _recorded(run: RunFolder, kimg: float | None) -> Quality | None:
    """The newest of each figure; those of a class are named `recall/good`."""
    events = read_events(run.events, 0)[0] if run.events.exists() else []
    values: dict[str, dict[str, float]] = {}
    newest: dict[str, Mapping[str, Any]] = {}
    for event in events:
        at, value = event.fields.get("kimg"), event.fields.get("value")
        score, _, name = str(event.fields.get("name", "")).partition("/")
        early = kimg is None or (isinstance(at, (int, float)) and at <= kimg + 1e-6)
        if event.kind == "metric" and score in SCORES and early and isinstance(value, (int, float)):
            values.setdefault(name or POOLED, {})[score] = float(value)
            newest[name or POOLED] = event.fields
    if POOLED not in values:
        return None
    last = newest[POOLED]
    names = (POOLED, *(name for name in values if name != POOLED))
    scores = [Scored(n, newest[n].get("n_real"), newest[n].get("n"), values[n], {}) for n in names]
    features = str(last.get("features") or "features not recorded")
    return Quality(features, f"while it trained, at {last.get('kimg', 0):g} kimg", tuple(scores))
