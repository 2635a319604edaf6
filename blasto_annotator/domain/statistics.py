"""Statistics of reviews in plain Python, with their sources."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Share:
    """A binomial share with its interval."""

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; NaN where nothing was counted."""
        return self.count / self.total if self.total else math.nan


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def wilson(count: int, total: int, confidence: float = 0.95) -> Share:
    """The Wilson score interval of `count` of `total` (Wilson 1927, J Am Stat Assoc 22:209-212).

    Bounds lie in [0, 1]; for `total` 0 they are 0 and 1.

    Raises:
        ValueError: count outside 0..total, or confidence outside (0, 1).
    """
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1")
    if total == 0:
        return Share(0, 0, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p = count / total
    centre = p + z * z / (2 * total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else (centre - half) / scale
    high = 1.0 if count == total else (centre + half) / scale
    return Share(count, total, low, high)
