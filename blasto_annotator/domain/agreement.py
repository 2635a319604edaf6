"""How well graders agree on one criterion: every coefficient with its interval, by embryo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from blasto_annotator.domain.agreement_tallies import (
    HEADLINES,
    PAIR_FIGURES,
    Tallies,
    headline_figures,
    pair_figures,
    tally,
)
from blasto_annotator.domain.raters import MISSING, Floats, Ratings
from blasto_annotator.domain.statistics import Estimate

MIN_SHARED = 30
"""A pair of graders enters the mean of pairs from so many shared images on."""
CONFIDENCE = 0.95
_CHUNK = 200


@dataclass(frozen=True)
class PairAgreement:
    """Two graders."""

    first: str
    second: str
    shared: int
    """Images that both assessed."""
    percent: Estimate
    kappa: Estimate
    weighted_kappa: Estimate
    in_mean: bool
    """Whether it counts in the mean of pairs."""


@dataclass(frozen=True)
class Agreement:
    """Everything that is said of one criterion."""

    ratings: Ratings
    compared: int
    """Images with two grades or more."""
    embryos: int
    """Embryos that those images show."""
    effective_embryos: float
    figures: Mapping[str, Estimate]
    """See `HEADLINES`."""
    pairs: tuple[PairAgreement, ...]
    min_shared: int
    """Shared images from which on a pair entered the mean; 1 where no pair had `MIN_SHARED`."""
    resamples: int
    seed: int

    def pair(self, first: str, second: str) -> PairAgreement | None:
        """The figures of two graders in either order."""
        wanted = {first, second}
        return next((pair for pair in self.pairs if {pair.first, pair.second} == wanted), None)


def agreement(
    ratings: Ratings, resamples: int = 1000, seed: int = 0, min_shared: int = MIN_SHARED
) -> Agreement:
    """Computes every coefficient and its 95 % percentile interval over `resamples` bootstrap samples.

    The bootstrap draws whole embryos with replacement, since frames of one embryo are not independent
    (cluster bootstrap: Field and Welsh 2007, J R Stat Soc B 69:369-390). 0 resamples: no intervals.

    Raises:
        ValueError: a negative number of resamples.
    """
    if resamples < 0:
        raise ValueError(f"{resamples} resamples cannot be drawn")
    compared = ratings.only((ratings.values != MISSING).sum(axis=0) >= 2)
    # Chance agreement of Fleiss and Gwet looks at images with one grade, too; single grades stay in.
    tallies = tally(ratings)
    embryos = tallies.together.shape[0]
    point = _all_figures(tallies, np.ones((1, embryos)))
    in_mean, least = _in_mean(point["n"][0], min_shared)
    drawn = [_all_figures(tallies, weights) for weights in _weights(embryos, resamples, seed)]
    samples = {name: np.concatenate([chunk[name] for chunk in drawn]) for name in point} if drawn else {}
    for figures in (point, samples):
        _add_means(figures, in_mean)
    return Agreement(
        ratings=ratings,
        compared=len(compared.images),
        embryos=int(compared.embryos.max()) + 1 if len(compared.images) else 0,
        effective_embryos=effective_number(compared),
        figures={name: _estimate(point, samples, name) for name in HEADLINES},
        pairs=tuple(_pairs(ratings, point, samples, in_mean)),
        min_shared=least,
        resamples=resamples,
        seed=seed,
    )


def effective_number(ratings: Ratings) -> float:
    """Number of equally large embryos that the images are worth: (sum n_e)^2 / sum n_e^2.

    n_e is the number of images of embryo e. It is Kish's effective size (Kish 1965, Survey Sampling) where
    frames of one embryo are taken to repeat one another; 0 where there is no image.
    """
    sizes = np.bincount(ratings.embryos).astype(np.float64)
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if sizes.size else 0.0


def _all_figures(tallies: Tallies, weights: Floats) -> dict[str, Floats]:
    pairs = {f"{name}_pair" if name != "n" else name: v for name, v in pair_figures(tallies, weights).items()}
    return {**headline_figures(tallies, weights), **pairs}


def _weights(embryos: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each bootstrap sample holds each embryo, in chunks of (samples, embryos)."""
    if embryos < 2:
        return
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, _CHUNK):
        number = min(_CHUNK, resamples - start)
        yield rng.multinomial(embryos, np.full(embryos, 1 / embryos), size=number).astype(np.float64)


def _in_mean(shared: Floats, min_shared: int) -> tuple[list[bool], int]:
    """Which pairs enter the mean: those with enough shared images, or all where none has enough."""
    least = min_shared if (shared >= min_shared).any() else 1
    return [bool(n >= least) for n in shared], least


def _add_means(figures: dict[str, Floats], in_mean: list[bool]) -> None:
    """Means over the pairs that enter, of (samples, pairs)."""
    if not figures:
        return
    for name in PAIR_FIGURES:
        chosen = figures[f"{name}_pair"][:, in_mean]
        defined = ~np.isnan(chosen)
        count = defined.sum(axis=1)
        total = np.where(defined, chosen, 0).sum(axis=1)
        figures[f"mean_{name}"] = np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _pairs(
    ratings: Ratings, point: Mapping[str, Floats], samples: Mapping[str, Floats], in_mean: list[bool]
) -> Iterator[PairAgreement]:
    for at, (first, second) in enumerate(combinations(ratings.graders, 2)):
        figures = {name: _estimate(point, samples, f"{name}_pair", at) for name in PAIR_FIGURES}
        yield PairAgreement(first, second, int(point["n"][0, at]), in_mean=in_mean[at], **figures)


def _estimate(
    point: Mapping[str, Floats], samples: Mapping[str, Floats], name: str, at: int | None = None
) -> Estimate:
    column = slice(None) if at is None else at
    value = float(np.reshape(point[name], (1, -1))[0, column].item())
    if not samples or np.isnan(value):
        return Estimate(value, np.nan, np.nan)
    drawn = np.reshape(samples[name], (len(samples[name]), -1))[:, column]
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size:
        return Estimate(value, np.nan, np.nan)
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(value, float(low), float(high))
