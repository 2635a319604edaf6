"""Can a reader tell generated from real? Signal detection and HYPE's error, with their sources.

The signal is a generated image; a hit is "generated" said of one, a false alarm "generated" said of a real
frame. d' 0 means that the reader cannot tell them apart, whatever he prefers to answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from blasto_annotator.domain.statistics import Estimate, wilson

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

    Rates carry the log-linear correction (Hautus 1995, Behav Res Methods 27:46-51), so that 0 and 100 % have
    a value: two answers are added to the table, shared among its cells by how many images each kind has. Of
    as many real as generated images that is 0.5 added to counts and 1 to totals; of unequal numbers it leaves
    a reader who says the same of everything at 0. The variance is that of Gourevitch and Galanter (1967,
    Psychometrika 32:25-33). NaN where either kind of image is missing.
    """
    return _estimate(answers, confidence, scale=1.0, value=d_prime)


def d_prime_of(rates: NDArray[np.float64], total: int) -> NDArray[np.float64]:
    """d' of [..., 2] shares called generated (of generated, of real) of `total` answers, corrected alike."""
    z = _corrected_z(rates, total)
    found: NDArray[np.float64] = z[..., 0] - z[..., 1]
    return found


def criterion_of(rates: NDArray[np.float64], total: int) -> NDArray[np.float64]:
    """The criterion c of such shares."""
    found: NDArray[np.float64] = -_corrected_z(rates, total).mean(-1)
    return found


def bias(answers: Answers, confidence: float = 0.95) -> Estimate:
    """The criterion c with its interval, by the same correction and variance (c is half a sum of z)."""
    return _estimate(answers, confidence, scale=0.5, value=criterion)


def hype_error(answers: Answers, confidence: float = 0.95) -> Estimate:
    """The mean of two shares: generated images called real, real images called generated.

    With as many real as generated images it is the share called wrongly, HYPE-infinity (Zhou et al., NeurIPS
    2019). 50 % is chance however many of each were shown and whatever the reader prefers to say, which the
    plain share is not. The interval joins the two Wilson intervals (Zou and Donner 2008, Stat Med
    27:1693-1702). NaN where either kind of image is missing.
    """
    if not answers.generated or not answers.real:
        return Estimate(math.nan, math.nan, math.nan)
    missed = wilson(answers.generated - answers.hits, answers.generated, confidence)
    alarms = wilson(answers.false_alarms, answers.real, confidence)
    middle = (missed.value + alarms.value) / 2
    return Estimate(
        middle,
        middle - math.hypot(missed.value - missed.low, alarms.value - alarms.low) / 2,
        middle + math.hypot(missed.high - missed.value, alarms.high - alarms.value) / 2,
    )


def _estimate(
    answers: Answers, confidence: float, scale: float, value: Callable[[float, float], float]
) -> Estimate:
    if not answers.generated or not answers.real:
        return Estimate(math.nan, math.nan, math.nan)
    more = 2 / answers.total
    rates = tuple(
        (count / shown + more / 2) / (1 + more)
        for count, shown in ((answers.hits, answers.generated), (answers.false_alarms, answers.real))
    )
    totals = (answers.generated * (1 + more), answers.real * (1 + more))
    variance = sum(p * (1 - p) / (n * _NORMAL.pdf(_z(p)) ** 2) for p, n in zip(rates, totals, strict=True))
    half = _NORMAL.inv_cdf(0.5 + confidence / 2) * scale * math.sqrt(variance)
    centre = value(*rates)
    return Estimate(centre, centre - half, centre + half)


def _corrected_z(rates: NDArray[np.float64], total: int) -> NDArray[np.float64]:
    z: NDArray[np.float64] = ndtri((rates + 1 / total) / (1 + 2 / total))
    return z


def _z(rate: float) -> float:
    if not 0 < rate < 1:
        raise ValueError(f"a rate of {rate:g} has no z: correct the counts first")
    return _NORMAL.inv_cdf(rate)
