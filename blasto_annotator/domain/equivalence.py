"""Is a share equal to chance within a margin? Do two shares differ? Tests and intervals with sources."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, gammaln

from blasto_annotator.domain.statistics import Estimate, Share, wilson

CHANCE = 0.5
TEST_CONFIDENCE = 0.9
"""Of the interval that goes with two one-sided tests at 5 %."""


@dataclass(frozen=True)
class Equivalence:
    """Is a figure within `margin` of chance? Shown by an interval that lies inside."""

    interval: Estimate
    """Of confidence 1 - 2 alpha: two one-sided tests at alpha each."""
    margin: float

    @property
    def shown(self) -> bool:
        """Whether it is equivalent to chance. False shows nothing: perhaps there are too few images."""
        return CHANCE - self.margin < self.interval.low and self.interval.high < CHANCE + self.margin


def equivalence(interval: Estimate, margin: float) -> Equivalence:
    """Two one-sided tests by their interval (Schuirmann 1987, J Pharmacokinet Biopharm 15:657-680).

    `interval` has the confidence `TEST_CONFIDENCE`, so that each test is made at 5 %.

    Raises:
        ValueError: chance plus or minus margin outside (0, 1).
    """
    _check_margin(margin)
    return Equivalence(interval, margin)


@dataclass(frozen=True)
class Difference:
    """The difference of two independent shares, first minus second."""

    first: Share
    second: Share
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.first.value - self.second.value

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def difference(first: tuple[int, int], second: tuple[int, int], confidence: float = 0.95) -> Difference:
    """Count and total of two groups; hybrid score interval (Newcombe 1998, Stat Med 17:873-890, method 10).

    For totals of 0 the interval is [-1, 1].
    """
    a, b = wilson(*first, confidence), wilson(*second, confidence)
    if not a.total or not b.total:
        return Difference(a, b, -1.0, 1.0)
    gap = a.value - b.value
    low = gap - math.hypot(a.value - a.low, b.high - b.value)
    high = gap + math.hypot(a.high - a.value, b.value - b.low)
    return Difference(a, b, max(low, -1.0), min(high, 1.0))


def equivalence_power(generated: int, real: int, margin: float) -> float:
    """Probability that equivalence is shown of a reader who cannot tell, exact over all outcomes.

    The test is that of `hype_error` with so many images of each kind at `TEST_CONFIDENCE`.

    Raises:
        ValueError: chance plus or minus margin outside (0, 1).
    """
    _check_margin(margin)
    reach, likely = _outcomes(generated, real)
    return float(likely[reach < margin].sum())


def smallest_margin(generated: int, real: int, power: float = 0.8) -> float | None:
    """The smallest margin up to 30 points that can be shown with this power; None: none can."""
    reach, likely = _outcomes(generated, real)
    steps = (step / 100 for step in range(1, 31))
    return next((m for m in steps if float(likely[reach < m].sum()) >= power), None)


def _outcomes(generated: int, real: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each pair of error counts: how far the interval reaches from chance, and its probability at chance.

    Counts that hardly happen (1e-9) are left out.
    """
    kinds = [_errors_at_chance(total) for total in (generated, real)]
    (first, first_p), (second, second_p) = kinds
    middle = (first[0][:, None] + second[0][None]) / 2
    low = middle - np.hypot(first[1][:, None], second[1][None]) / 2
    high = middle + np.hypot(first[2][:, None], second[2][None]) / 2
    return np.maximum(CHANCE - low, high - CHANCE), first_p[:, None] * second_p[None]


def _errors_at_chance(total: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[share, distances to its lower and upper Wilson bound; counts], and the probability of each count."""
    counts = np.arange(total + 1)
    ways = gammaln(total + 1) - gammaln(counts + 1) - gammaln(total - counts + 1)
    likely = np.exp(ways - total * math.log(2))
    kept = counts[likely > 1e-9]
    shares = [wilson(int(count), total, TEST_CONFIDENCE) for count in kept]
    reach = np.array([(s.value, s.value - s.low, s.high - s.value) for s in shares]).T
    return reach, likely[kept]


def difference_power(first: float, second: float, totals: tuple[int, int], alpha: float = 0.05) -> float:
    """Power of the two-sided z test of two shares (Fleiss, Levin and Paik 2003, eq. 4.17 without continuity).

    Raises:
        ValueError: shares outside [0, 1], or a total below 1.
    """
    m, n = totals
    if min(m, n) < 1 or not (0 <= first <= 1 and 0 <= second <= 1):
        raise ValueError(f"no power of {first} of {m} against {second} of {n}")
    normal = NormalDist()
    pooled = (m * first + n * second) / (m + n)
    under_null = math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n))
    under_truth = math.sqrt(first * (1 - first) / m + second * (1 - second) / n)
    bound = normal.inv_cdf(1 - alpha / 2) * under_null
    if under_truth == 0:
        return float(abs(first - second) > bound)
    gap = abs(first - second)
    return normal.cdf((gap - bound) / under_truth) + normal.cdf((-gap - bound) / under_truth)


def detectable_difference(
    share: float, totals: tuple[int, int], power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """The smallest rise above `share`, in steps of 1 %, that a comparison finds with this power."""
    steps = (step / 100 for step in range(1, math.floor((1 - share) * 100) + 1))
    return next((d for d in steps if difference_power(share + d, share, totals, alpha) >= power), None)


def preference_power(total: int, truth: float, alpha: float = 0.05) -> float:
    """Power of the two-sided exact binomial test against 1/2 where the share is `truth` (exact)."""
    most = int((bdtr(np.arange(total), total, CHANCE) <= alpha / 2).sum()) - 1
    if most < 0:
        return 0.0
    return float(bdtr(most, total, truth) + bdtrc(total - most - 1, total, truth))


def detectable_preference(total: int, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest share above 1/2, in steps of 1 %, that `total` pairs find with this power."""
    steps = (step / 100 for step in range(51, 100))
    return next((s for s in steps if preference_power(total, s, alpha) >= power), None)


def _check_margin(margin: float) -> None:
    if not 0 < margin < CHANCE:
        raise ValueError(f"a margin of {margin:g} about {CHANCE:g} leaves the shares from 0 to 1")
