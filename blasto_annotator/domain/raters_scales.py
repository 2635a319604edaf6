"""Does a grader read the scale the other way round, or a step off? Said before anybody is left out.

A grader is compared with the median of the others. A reversed scale makes weighted kappa negative, and good
once the scale is turned. An offset is named where moving the grades by a step makes more of them equal and
weighted kappa better. Both must hold in the bootstrap by embryo, so that chance alone names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blasto_annotator.domain.raters import MISSING, Floats, Ints, Ratings, consensus

MIN_IMAGES = 20
"""Fewer shared images say nothing about a scale."""
STEPS = (-2, -1, 1, 2)
_RESAMPLES = 400
_SURE = 0.975


@dataclass(frozen=True)
class ScaleFinding:
    """A grader whose scale seems to be another one."""

    criterion: str
    grader: str
    others: int
    """How many graders the median was taken of, at most."""
    images: int
    step: int
    """0: the scale is turned round; else how many steps higher on the scale the grader reads it."""
    weighted_kappa: float
    """With the median of the others, as graded."""
    mended_kappa: float
    """With the scale turned or moved back."""
    equal: float
    """Share of grades equal to the median of the others, as graded."""
    mended_equal: float

    @property
    def reversed(self) -> bool:
        """Whether the scale is turned round."""
        return self.step == 0


def scale_findings(ratings: Ratings, seed: int = 0) -> tuple[ScaleFinding, ...]:
    """Graders with a reversed or an offset scale, reversed ones first; empty where the scale has no order."""
    if not ratings.ordered or len(ratings.graders) < 2:
        return ()
    turned = [f for row in range(len(ratings.graders)) if (f := _turned(ratings, row, seed)) is not None]
    names = {finding.grader for finding in turned}
    out = [row for row, name in enumerate(ratings.graders) if name in names]
    rest = [row for row in range(len(ratings.graders)) if row not in out]
    if len(rest) < 2:
        return tuple(turned)
    moved = [f for row in rest if (f := _moved(ratings, row, out, seed)) is not None]
    return tuple(turned + moved)


def weighted_kappa(first: Ints | Floats, second: Ints | Floats, weights: Floats | None = None) -> Floats:
    """Quadratic weighted kappa of paired places (images,), for weights (samples, images); (samples,).

    1 - E(a - b)^2 / E(a - b')^2 with a and b' independent (Cohen 1968); NaN where both are constant.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    w = np.ones((1, len(a))) if weights is None else weights
    w = w / np.maximum(w.sum(axis=1, keepdims=True), 1)
    apart, mean_a, mean_b = w @ (a - b) ** 2, w @ a, w @ b
    expected = w @ (a * a) + w @ (b * b) - 2 * mean_a * mean_b
    found = np.full(len(w), np.nan)
    np.divide(apart, expected, out=found, where=expected > 1e-12)
    return np.asarray(1 - found)


def _turned(ratings: Ratings, row: int, seed: int) -> ScaleFinding | None:
    said, median, embryos = _compared(ratings, row, ())
    if len(said) < MIN_IMAGES:
        return None
    low, high = ratings.span
    mirrored = low + high - said
    before, after = weighted_kappa(said, median)[0], weighted_kappa(mirrored, median)[0]
    drawn = weighted_kappa(said, median, _weights(embryos, seed))
    if not (before < 0 < after and np.nanquantile(drawn, _SURE) < 0):
        return None
    return _finding(ratings, row, 0, said, mirrored, median, ())


def _moved(ratings: Ratings, row: int, out: Sequence[int], seed: int) -> ScaleFinding | None:
    said, median, embryos = _compared(ratings, row, out)
    if len(said) < MIN_IMAGES:
        return None
    low, high = ratings.span
    expected = {step: np.clip(median + step, low, high) for step in STEPS}
    step = max(STEPS, key=lambda step: float((said == expected[step]).mean()))
    mended, weights = np.clip(said - step, low, high), _weights(embryos, seed)
    more_equal = (said == expected[step]).astype(np.float64) - (said == median)
    better = weighted_kappa(mended, median, weights) - weighted_kappa(said, median, weights)
    if _low(weights @ more_equal) <= 0 or _low(better) <= 0:
        return None
    return _finding(ratings, row, step, said, mended, median, out)


def _low(drawn: Floats) -> float:
    """What all but a fortieth of the samples exceed."""
    return float(np.nanquantile(drawn, 1 - _SURE)) if np.isfinite(drawn).any() else 0.0


def _finding(
    ratings: Ratings, row: int, step: int, said: Ints, mended: Ints, median: Ints, out: Sequence[int]
) -> ScaleFinding:
    low, high = ratings.span
    target = np.clip(median + step, low, high)
    return ScaleFinding(
        criterion=ratings.criterion,
        grader=ratings.graders[row],
        others=len(ratings.graders) - 1 - len([at for at in out if at != row]),
        images=len(said),
        step=step,
        weighted_kappa=float(weighted_kappa(said, median)[0]),
        mended_kappa=float(weighted_kappa(mended, median)[0]),
        equal=float((said == median).mean()),
        mended_equal=float((said == target).mean() if step else (mended == median).mean()),
    )


def _compared(ratings: Ratings, row: int, out: Sequence[int]) -> tuple[Ints, Ints, Ints]:
    """What the grader said, the median of the others, and the embryo, where both are there."""
    median = consensus(ratings.values, row, out)
    both = (ratings.values[row] != MISSING) & ~np.isnan(median)
    return ratings.values[row][both], median[both].astype(np.int64), ratings.embryos[both]


def _weights(embryos: Ints, seed: int) -> Floats:
    """(samples, images) how often each image is in a bootstrap sample of embryos."""
    names, place = np.unique(embryos, return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    return drawn[:, place].astype(np.float64)
