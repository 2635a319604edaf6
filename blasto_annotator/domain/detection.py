"""Can a reader tell generated from real? Signal detection and HYPE's error, with their sources.

The signal is a generated image; a hit is "generated" said of one, a false alarm "generated" said of a real
frame. d' 0 means that the reader cannot tell them apart, whatever he prefers to answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from blasto_annotator.domain.statistics import Estimate, Share, wilson

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Answers:
    """A forced choice counted: what was said of generated images and of real ones."""

    hits: int
    """Generated images called generated."""
    generated: int
    false_alarms: int
    """Real frames called generated."""
    real: int

    def __post_init__(self) -> None:
        if not (0 <= self.hits <= self.generated and 0 <= self.false_alarms <= self.real):
            raise ValueError(f"{self} counts more answers than images")

    @property
    def errors(self) -> int:
        """Wrong answers, of both kinds."""
        return self.generated - self.hits + self.false_alarms

    @property
    def total(self) -> int:
        return self.generated + self.real


def d_prime(hit_rate: float, false_alarm_rate: float) -> float:
    """z(H) - z(F) (Green and Swets 1966; Macmillan and Creelman 2005, eq. 1.5).

    Raises:
        ValueError: a rate outside (0, 1).
    """
    return _z(hit_rate) - _z(false_alarm_rate)


def criterion(hit_rate: float, false_alarm_rate: float) -> float:
    """c = -(z(H) + z(F)) / 2; below 0 the reader prefers "generated" (Macmillan and Creelman 2005, eq. 2.1).

    Raises:
        ValueError: a rate outside (0, 1).
    """
    return -(_z(hit_rate) + _z(false_alarm_rate)) / 2


def sensitivity(answers: Answers, confidence: float = 0.95) -> Estimate:
    """d' with its interval.

    Rates carry the log-linear correction (0.5 added to counts, 1 to totals: Hautus 1995, Behav Res Methods
    27:46-51), so that 0 and 100 % have a value; the variance is that of Gourevitch and Galanter (1967,
    Psychometrika 32:25-33). NaN where either kind of image is missing.
    """
    return _estimate(answers, confidence, scale=1.0, value=d_prime)


def bias(answers: Answers, confidence: float = 0.95) -> Estimate:
    """The criterion c with its interval, by the same correction and variance (c is half a sum of z)."""
    return _estimate(answers, confidence, scale=0.5, value=criterion)


def hype_error(answers: Answers, confidence: float = 0.95) -> Share:
    """Share of images, real and generated, called wrongly: HYPE-infinity (Zhou et al., NeurIPS 2019).

    50 % is chance: generated images that pass for real. Wilson interval; take as many real images as
    generated ones.
    """
    return wilson(answers.errors, answers.total, confidence)


def _estimate(
    answers: Answers, confidence: float, scale: float, value: Callable[[float, float], float]
) -> Estimate:
    if not answers.generated or not answers.real:
        return Estimate(math.nan, math.nan, math.nan)
    rates = (
        (answers.hits + 0.5) / (answers.generated + 1),
        (answers.false_alarms + 0.5) / (answers.real + 1),
    )
    totals = (answers.generated + 1, answers.real + 1)
    variance = sum(p * (1 - p) / (n * _NORMAL.pdf(_z(p)) ** 2) for p, n in zip(rates, totals, strict=True))
    half = _NORMAL.inv_cdf(0.5 + confidence / 2) * scale * math.sqrt(variance)
    centre = value(*rates)
    return Estimate(centre, centre - half, centre + half)


def _z(rate: float) -> float:
    if not 0 < rate < 1:
        raise ValueError(f"a rate of {rate:g} has no z: correct the counts first")
    return _NORMAL.inv_cdf(rate)
