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


def weighted_kappa(first: Ints, second: Ints) -> float:
    """Quadratic weighted kappa of paired places (images,); NaN where both are constant.

    1 - E(a - b)^2 / E(a - b')^2 with a and b' independent (Cohen 1968).
    """
    return float(_kappas(_moments(first, second).sum(axis=0, keepdims=True))[0])


def _moments(a: Ints, b: Ints) -> Floats:
    """(images, 6) whose sums give weighted kappa: 1, a, b, aa, bb, ab."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)


def _kappas(sums: Floats) -> Floats:
    """Weighted kappa of (samples, 6) sums of moments."""
    n, a, b, aa, bb, ab = sums.T
    apart, expected = aa + bb - 2 * ab, aa + bb - 2 * a * b / np.maximum(n, 1)
    found = np.full(len(sums), np.nan)
    np.divide(apart, expected, out=found, where=expected > 1e-12)
    return 1 - found


def _turned(ratings: Ratings, row: int, seed: int) -> ScaleFinding | None:
    said, median, embryos = _compared(ratings, row, ())
    if len(said) < MIN_IMAGES:
        return None
    low, high = ratings.span
    mirrored = low + high - said
    before, after = weighted_kappa(said, median), weighted_kappa(mirrored, median)
    drawn = _kappas(resampled_sums(_moments(said, median), embryos, seed))
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
    mended = np.clip(said - step, low, high)
    more_equal = (said == expected[step]).astype(np.float64) - (said == median)
    features = np.concatenate([_moments(said, median), _moments(mended, median), more_equal[:, None]], axis=1)
    drawn = resampled_sums(features, embryos, seed)
    better = _kappas(drawn[:, 6:12]) - _kappas(drawn[:, :6])
    if _low(drawn[:, 12]) <= 0 or _low(better) <= 0:
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
        weighted_kappa=weighted_kappa(said, median),
        mended_kappa=weighted_kappa(mended, median),
        equal=float((said == median).mean()),
        mended_equal=float((said == target).mean() if step else (mended == median).mean()),
    )


def _compared(ratings: Ratings, row: int, out: Sequence[int]) -> tuple[Ints, Ints, Ints]:
    """What the grader said, the median of the others, and the embryo, where both are there."""
    median = consensus(ratings.values, row, out)
    both = (ratings.values[row] != MISSING) & ~np.isnan(median)
    return ratings.values[row][both], median[both].astype(np.int64), ratings.embryos[both]


def resampled_sums(features: Floats, embryos: Ints, seed: int, resamples: int = _RESAMPLES) -> Floats:
    """(samples, features) sums over the images of bootstrap samples of embryos."""
    names, place = np.unique(embryos, return_inverse=True)
    by_embryo = np.zeros((len(names), features.shape[1]))
    np.add.at(by_embryo, place, features)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    return np.asarray(drawn.astype(np.float64) @ by_embryo)
