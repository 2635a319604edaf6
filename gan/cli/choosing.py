"""Rejection at sampling: pictures are made until the expert scorer has accepted enough of each class."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gan.cli.pictures import Taken, Wanted, classes_of, made, seeded
from gan.contract.errors import UserError
from gan.contract.scorer_folder import SCORE_COLUMNS
from gan.data.pictures import to_pixels
from gan.scoring.scorer import Scorer, load_scorer

_AT_ONCE = 64


@dataclass(frozen=True)
class Bar:
    """What is asked of the scorer."""

    scorer: Path
    accept: float
    """Least p of an accepted picture, 0 to 1; 0 accepts all, and scores them."""
    most_tries: int
    """Pictures made at most for each that is wanted."""


@dataclass(frozen=True)
class Choice:
    """Accepted pictures and how they came about."""

    wanted: Wanted
    scores: Mapping[str, tuple[float, float, float]]
    """By what stands for the seed: p of perfect, of the right class, of both."""
    facts: Mapping[str, Any]
    """The scorer's id, the bar, and for each class tries, accepted and rate."""

    @property
    def shortfall(self) -> str:
        """A sentence where a class has fewer pictures than wanted; else empty."""
        short = [
            f"{name or 'the network'} {found['accepted']} in {found['tries']} tries"
            for name, found in self.facts["classes"].items()
            if found["accepted"] < self.facts["per_class"]
        ]
        wanted = f"Fewer than {self.facts['per_class']} pictures reached {self.facts['accept']:g}"
        return f"{wanted}: {', '.join(short)}." if short else ""


@dataclass
class _Class:
    """One class while it is being chosen."""

    label: int
    tries: int = 0
    best: float = 0.0
    seeds: list[int] = field(default_factory=list)
    scores: list[tuple[float, float, float]] = field(default_factory=list)


def choose(taken: Taken, bar: Bar, per_class: int, first: int, class_name: str | None) -> Choice:
    """Makes pictures of each class until `per_class` are accepted, or the tries are used up.

    The class at place k of n tries the seeds first + k, first + k + n, ...: none is used twice.

    Raises:
        UserError: the scorer cannot be used, there are not so many seeds, or nothing at all is accepted.
    """
    scorer = load_scorer(bar.scorer, taken.network.classes)
    labels = classes_of(taken, class_name)
    if first + per_class * bar.most_tries * len(labels) > 2**32:
        raise UserError(f"From seed {first} on there are not enough seeds (the last is 4294967295).")
    found = []
    for place, label in enumerate(labels):
        seeds = range(first + place, first + place + per_class * bar.most_tries * len(labels), len(labels))
        found.append(_fill(taken, scorer, _Class(label), seeds, (bar.accept, per_class)))
    if not any(one.seeds for one in found):
        tries, best = sum(one.tries for one in found), max(one.best for one in found)
        raise UserError(
            f"None of {tries} pictures reached {bar.accept:g} (the best {best:.2f}): accept less, allow more "
            "tries, or train longer."
        )
    pairs = [(seed, one.label) for one in found for seed in one.seeds]
    scores = {str(seed): s for one in found for seed, s in zip(one.seeds, one.scores, strict=True)}
    return Choice(seeded(taken, pairs), scores, _facts(taken, scorer, bar, per_class, found))


def write_scores(path: Path, choice: Choice, rows: Sequence[tuple[object, ...]]) -> None:
    """Writes `scores.csv` for a batch's rows of (image, sha256, class index, class, seed)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(SCORE_COLUMNS)
        for image, sha256, *_, seed in rows:
            writer.writerow((image, sha256, *(f"{p:.6f}" for p in choice.scores[str(seed)])))


def _fill(taken: Taken, scorer: Scorer, one: _Class, seeds: range, goal: tuple[float, int]) -> _Class:
    accept, count = goal
    for seed, scores in _scored(taken, scorer, one.label, seeds):
        one.tries += 1
        one.best = max(one.best, scores[2])
        if scores[2] >= accept:
            one.seeds.append(seed)
            one.scores.append(scores)
        if len(one.seeds) == count:
            break
    return one


def _scored(
    taken: Taken, scorer: Scorer, label: int, seeds: range
) -> Iterator[tuple[int, tuple[float, float, float]]]:
    for start in range(0, len(seeds), _AT_ONCE):
        part = seeds[start : start + _AT_ONCE]
        images = np.concatenate(list(made(taken, seeded(taken, [(seed, label) for seed in part]))))
        p = scorer.scores(to_pixels(images), np.full(len(part), label, np.int64))
        for n, seed in enumerate(part):
            yield seed, (float(p.perfect[n]), float(p.right_class[n]), float(p.both[n]))


def _facts(taken: Taken, scorer: Scorer, bar: Bar, per_class: int, found: list[_Class]) -> dict[str, Any]:
    names = taken.network.classes or ("",)
    classes = {
        names[one.label]: {
            "tries": one.tries,
            "accepted": len(one.seeds),
            "rate": round(len(one.seeds) / one.tries, 6),
        }
        for one in found
    }
    return {"id": scorer.info.id, "accept": bar.accept, "per_class": per_class, "classes": classes}
