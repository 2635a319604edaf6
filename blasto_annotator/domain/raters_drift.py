"""Does a grader say the same again, and does the reading of the scale move with time?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blasto_annotator.domain.agreement import Agreement, PairAgreement, agreement
from blasto_annotator.domain.raters import MISSING, Floats, Ints, Ratings, consensus, make_ratings
from blasto_annotator.domain.raters_scales import resampled_sums
from blasto_annotator.domain.statistics import Estimate

WINDOWS = 4
MIN_IMAGES = 40
"""Fewer images say nothing about a drift."""
SURE = 0.99
"""Of the interval of a drift: with a dozen graders and four criteria, 95 % would name somebody by chance."""
_RESAMPLES = 1000
FIRST, SECOND = "first", "second"


@dataclass(frozen=True)
class Window:
    """A stretch of a grader's work."""

    images: int
    equal: float
    """Share equal to the median of the other graders."""
    above: float
    """Mean difference from that median, in steps of the scale; NaN where the scale has no order."""


@dataclass(frozen=True)
class Drift:
    """How a grader's difference from the others moves over the work."""

    criterion: str
    grader: str
    images: int
    windows: tuple[Window, ...]
    per_100: Estimate
    """Change in steps per 100 images (least squares), with its 99 % interval; NaN without an order."""

    @property
    def drifts(self) -> bool:
        """Whether the change is more than chance (`SURE`)."""
        return self.per_100.low > 0 or self.per_100.high < 0


@dataclass(frozen=True)
class Within:
    """A grader's second grades of the same images against the first."""

    criterion: str
    grader: str
    images: int
    figures: PairAgreement
    shift: float
    """Mean of second minus first, in steps; NaN without an order."""
    ratings: Ratings
    """Two rows: first and second."""


def drifts(ratings: Ratings, order: Floats, seed: int = 0) -> tuple[Drift, ...]:
    """Drift of every grader with enough images that others graded, too.

    Args:
        ratings: who said what.
        order: (graders, images) when each grade was given, in any unit; NaN where it is not known.
        seed: of the bootstrap.
    """
    found = []
    for row, name in enumerate(ratings.graders):
        median = consensus(ratings.values, row)
        both = (ratings.values[row] != MISSING) & ~np.isnan(median) & ~np.isnan(order[row])
        if both.sum() < MIN_IMAGES or len(np.unique(order[row][both])) < WINDOWS:
            continue
        turn = np.argsort(order[row][both], kind="stable")
        above = (ratings.values[row][both] - median[both])[turn]
        found.append(_drift(ratings, name, above, ratings.embryos[both][turn], seed))
    return tuple(found)


def within(
    criterion: str,
    categories: Sequence[str],
    ordered: bool,
    repeats: Mapping[str, Sequence[tuple[str, str, str | None, str | None]]],
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[Within, ...]:
    """Agreement of each grader with himself.

    Args:
        criterion: its name.
        categories: the scale.
        ordered: whether it has an order.
        repeats: grader -> (image, embryo, first category, second category); None where not assessed.
        resamples: bootstrap samples of embryos.
        seed: of the bootstrap.
    """
    found = []
    for name, rows in repeats.items():
        whole = [(image, embryo, a, b) for image, embryo, a, b in rows if a is not None and b is not None]
        if not whole:
            continue
        said = {FIRST: {i: a for i, _, a, _ in whole}, SECOND: {i: b for i, _, _, b in whole}}
        ratings = make_ratings(criterion, categories, ordered, said, {i: e for i, e, _, _ in whole})
        found.append(_within(name, agreement(ratings, resamples, seed)))
    return tuple(found)


def _within(name: str, result: Agreement) -> Within:
    ratings = result.ratings
    change = (ratings.values[1] - ratings.values[0]).astype(np.float64)
    shift = float(change.mean()) if ratings.ordered else float("nan")
    return Within(ratings.criterion, name, len(ratings.images), result.pairs[0], shift, ratings)


def _drift(ratings: Ratings, name: str, above: Floats, embryos: Ints, seed: int) -> Drift:
    parts = np.array_split(above, WINDOWS)
    mean = [float(part.mean()) if ratings.ordered else float("nan") for part in parts]
    windows = [Window(len(p), float((p == 0).mean()), m) for p, m in zip(parts, mean, strict=True)]
    change = Estimate(np.nan, np.nan, np.nan)
    if ratings.ordered:
        change = _slope(above, embryos, seed)
    return Drift(ratings.criterion, name, len(above), tuple(windows), change)


def _slope(above: Floats, embryos: Ints, seed: int) -> Estimate:
    """Least-squares slope over the images' places, per 100 images, with a bootstrap by embryo."""
    x = np.arange(len(above), dtype=np.float64) / 100
    features = np.stack([np.ones_like(x), x, above, x * above, x * x], axis=1)
    slope = _slopes(features.sum(axis=0, keepdims=True))
    drawn = _slopes(resampled_sums(features, embryos, seed, _RESAMPLES))
    low, high = np.quantile(drawn, [(1 - SURE) / 2, (1 + SURE) / 2])
    return Estimate(float(slope[0]), float(low), float(high))


def _slopes(sums: Floats) -> Floats:
    """Least-squares slopes of (samples, 5) sums of 1, x, y, xy, xx."""
    n, x, y, xy, xx = sums.T
    slopes: Floats = (xy - x * y / n) / np.maximum(xx - x * x / n, 1e-12)
    return slopes
