"""Is a share equal to chance within a margin? Do two shares differ? Tests and intervals with sources."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from scipy.stats import binom

from blasto_annotator.domain.statistics import Share, wilson

CHANCE = 0.5


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of a share against `chance` plus and minus `margin`."""

    share: Share
    """With the interval of confidence 1 - 2 alpha, which goes with the tests."""
    chance: float
    margin: float
    alpha: float
    p_low: float
    """Of the hypothesis that the share is at most chance - margin."""
    p_high: float
    """Of the hypothesis that the share is at least chance + margin."""

    @property
    def p(self) -> float:
        """The larger of the two: the test's own."""
        return max(self.p_low, self.p_high)

    @property
    def shown(self) -> bool:
        """Whether the share is equivalent to chance. False shows nothing: perhaps n is too small."""
        return self.p <= self.alpha


def equivalence(
    count: int, total: int, margin: float, chance: float = CHANCE, alpha: float = 0.05
) -> Equivalence:
    """Two one-sided exact binomial tests (Schuirmann 1987, J Pharmacokinet Biopharm 15:657-680).

    Raises:
        ValueError: no images, or chance plus or minus margin outside (0, 1).
    """
    _check_margin(margin, chance)
    if total < 1:
        raise ValueError("an equivalence test needs at least one image")
    return Equivalence(
        wilson(count, total, 1 - 2 * alpha),
        chance,
        margin,
        alpha,
        p_low=float(binom.sf(count - 1, total, chance - margin)),
        p_high=float(binom.cdf(count, total, chance + margin)),
    )


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


def equivalence_power(
    total: int, margin: float, truth: float = CHANCE, chance: float = CHANCE, alpha: float = 0.05
) -> float:
    """Probability that `equivalence` is shown with `total` images where the share is `truth` (exact).

    Raises:
        ValueError: chance plus or minus margin outside (0, 1).
    """
    _check_margin(margin, chance)
    # Counts at which each test rejects: an upper tail for the lower bound, a lower tail for the upper.
    least = int(binom.isf(alpha, total, chance - margin)) + 1
    most = int(binom.ppf(alpha, total, chance + margin)) - 1
    while binom.cdf(most + 1, total, chance + margin) <= alpha:
        most += 1
    return float(binom.cdf(most, total, truth) - binom.cdf(least - 1, total, truth)) if most >= least else 0.0


def smallest_margin(total: int, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest margin, in steps of 1 %, that `total` images can show with this power; None: none can."""
    steps = (step / 100 for step in range(1, 50))
    return next((m for m in steps if equivalence_power(total, m, alpha=alpha) >= power), None)


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
    most = int(binom.ppf(alpha / 2, total, CHANCE)) - 1
    while binom.cdf(most + 1, total, CHANCE) <= alpha / 2:
        most += 1
    return (
        float(binom.cdf(most, total, truth) + binom.sf(total - most - 1, total, truth)) if most >= 0 else 0.0
    )


def detectable_preference(total: int, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """The smallest share above 1/2, in steps of 1 %, that `total` pairs find with this power."""
    steps = (step / 100 for step in range(51, 100))
    return next((s for s in steps if preference_power(total, s, alpha) >= power), None)


def _check_margin(margin: float, chance: float) -> None:
    if not 0 < chance - margin < chance + margin < 1:
        raise ValueError(f"a margin of {margin:g} about {chance:g} leaves the shares from 0 to 1")
