"""Scores to probabilities, and how good such probabilities are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Values = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Groups = npt.NDArray[np.int64]
BINS = 10


@dataclass(frozen=True)
class Platt:
    """p = 1 / (1 + exp(-(slope * score + offset)))."""

    slope: float
    offset: float

    def __call__(self, scores: Values) -> Values:
        """Probabilities [N] of scores [N]."""
        found: Values = expit(self.slope * scores + self.offset)
        return found


def fit_platt(scores: Values, truth: Truth) -> Platt:
    """Maximum likelihood with Platt's smoothed targets, so that few scores give no certainty.

    Source: Platt 1999, "Probabilistic outputs for support vector machines", section 2.2: targets are
    (N+ + 1) / (N+ + 2) and 1 / (N- + 2). With one kind of truth alone the probability is that constant.

    The slope is never below 0. Scores of folds that were left out run against chance verdicts (a fold with
    more true ones leaves fewer to learn from), always the same way: turned round, that looked like knowledge.
    """
    positive, negative = int(truth.sum()), int((~truth).sum())
    targets = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))
    prior = float(np.log((positive + 1) / (negative + 1)))
    if not positive or not negative:
        return Platt(0.0, prior)

    def loss(values: Values) -> tuple[float, Values]:
        margin = values[0] * scores + values[1]
        gap = expit(margin) - targets
        entropy = float(np.sum(np.logaddexp(0, margin) - targets * margin))
        return entropy, np.array([np.sum(gap * scores), np.sum(gap)])

    upward = [(0.0, None), (None, None)]
    found = minimize(loss, np.array([1.0, prior]), jac=True, method="L-BFGS-B", bounds=upward)
    return Platt(float(found.x[0]), float(found.x[1]))


def auc(scores: Values, truth: Truth) -> float:
    """Area under the ROC curve: how often a true one scores above a false one, ties half.

    Source: Hanley and McNeil 1982 (the Mann-Whitney statistic). NaN with one kind of truth alone.
    """
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    from scipy.stats import rankdata  # slow to load; whoever only applies a scorer need not wait for it

    ranks = rankdata(scores)
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def auc_within(scores: Values, truth: Truth, groups: Groups) -> float:
    """`auc` over the pairs within a group only: the mean of the groups' own, weighted by their pairs.

    Groups of unlike shares are calibrated apart: pairs across them would compare their calibrations,
    not scores. NaN where no group holds both kinds.
    """
    total = weight = 0.0
    for group in np.unique(groups):
        own = groups == group
        pairs = float(truth[own].sum()) * float((~truth[own]).sum())
        if pairs:
            total += pairs * auc(scores[own], truth[own])
            weight += pairs
    return total / weight if weight else float("nan")


def brier(p: Values, truth: Truth) -> float:
    """Mean squared difference of probability and truth, 0 (best) to 1 (Brier 1950)."""
    return float(np.mean((p - truth) ** 2))


def calibration_error(p: Values, truth: Truth, bins: int = BINS) -> float:
    """Expected calibration error in bins of equal width, 0 (best) to 1.

    Source: Guo et al. 2017, "On calibration of modern neural networks", eq. 3. With few images a perfectly
    calibrated scorer too has an error above 0.
    """
    place = np.minimum((p * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.abs(np.bincount(place, p, bins) - np.bincount(place, truth.astype(np.float64), bins))
    return float(gap[count > 0].sum() / len(p))


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    """How good probabilities are on images that were not trained on."""

    images: int
    positive: int
    auc: Estimate
    brier: Estimate
    brier_of_share: float
    """What one would get by always saying the share of positives."""
    calibration_error: Estimate


def quality(p: Values, truth: Truth, repeats: int, seed: int, groups: Groups | None = None) -> Quality | None:
    """Figures with percentile intervals over resampled images (Efron 1979); None with one kind alone.

    With `groups` [N] images are ranked and resampled within their group.
    """
    own = np.zeros(len(p), np.int64) if groups is None else groups
    share = float(truth.mean()) if len(truth) else 0.0
    if not 0 < share < 1:
        return None
    return Quality(
        images=len(truth),
        positive=int(truth.sum()),
        auc=_estimate(auc_within, p, truth, own, repeats, seed),
        brier=_estimate(_by_image(brier), p, truth, own, repeats, seed),
        brier_of_share=share * (1 - share),
        calibration_error=_estimate(_by_image(calibration_error), p, truth, own, repeats, seed),
    )


def _by_image(figure: Callable[[Values, Truth], float]) -> Callable[[Values, Truth, Groups], float]:
    return lambda p, truth, _: figure(p, truth)


def _estimate(
    figure: Callable[[Values, Truth, Groups], float],
    p: Values,
    truth: Truth,
    groups: Groups,
    repeats: int,
    seed: int,
) -> Estimate:
    random = np.random.RandomState(seed % 2**32)
    places = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    values = []
    for _ in range(repeats):
        rows = np.concatenate([own[random.randint(len(own), size=len(own))] for own in places])
        values.append(figure(p[rows], truth[rows], groups[rows]))
    low, high = np.nanpercentile(values, [2.5, 97.5]) if repeats else (float("nan"), float("nan"))
    return Estimate(figure(p, truth, groups), float(low), float(high))
