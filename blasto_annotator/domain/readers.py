"""Several readers on the same images: a mean whose interval covers other readers and other images."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.domain.statistics import Estimate


def first_mean(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """The figure of one group: its own mean."""
    first: NDArray[np.float64] = means[..., 0]
    return first


def readers_and_images(
    *groups: NDArray[np.float64],
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]] = first_mean,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    clusters: Sequence[NDArray[np.int_]] = (),
) -> Estimate:
    """A figure of group means and its percentile interval over readers and images.

    Each group is [readers, images] with the same readers, NaN where one has not read an image. `figure` takes
    means [..., groups] to values [...]; by default it is the first group's mean itself. Each resample draws
    readers and images, both with replacement, and takes every crossing: the pigeonhole bootstrap for crossed
    random effects (Owen 2007, Ann Appl Stat 1:386-411; for readers and cases Gallas et al. 2009). With one
    reader the interval covers images only, which a caller should say. `clusters` holds for each group
    [images] whole numbers from 0: images of one number are no independent ones and are drawn together (Field
    and Welsh 2007, J R Stat Soc B 69:369-390); without it each image is drawn by itself.

    Raises:
        ValueError: a group without scores.
    """
    if not groups or any(np.isnan(scores).all() for scores in groups):
        raise ValueError("nothing was read")
    rng = np.random.default_rng(seed)
    readers = len(groups[0])
    drawn = rng.multinomial(readers, np.full(readers, 1 / readers), resamples).astype(np.float64)
    together = clusters or [np.arange(scores.shape[1]) for scores in groups]
    pairs = zip(groups, together, strict=True)
    means = np.stack([_resampled(scores, drawn, own, rng) for scores, own in pairs], axis=-1)
    found = figure(means[~np.isnan(means).any(-1)])
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    value = figure(np.array([np.nanmean(scores) for scores in groups]))
    return Estimate(float(value), float(low), float(high))


def _resampled(
    scores: NDArray[np.float64],
    drawn: NDArray[np.float64],
    clusters: NDArray[np.int_],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The mean of each resample; NaN where none of the readers drawn has read any of the images drawn."""
    known = ~np.isnan(scores)
    count = int(clusters.max()) + 1
    weights = rng.multinomial(count, np.full(count, 1 / count), len(drawn)).astype(np.float64)[:, clusters]
    sums = np.einsum("br,ri,bi->b", drawn, np.where(known, scores, 0.0), weights, optimize=True)
    counts = np.einsum("br,ri,bi->b", drawn, known.astype(np.float64), weights, optimize=True)
    means: NDArray[np.float64] = np.full(len(drawn), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def effective_number(scores: NDArray[np.float64]) -> float:
    """Images that would carry as much, were verdicts on one image independent: n / (1 + (m - 1) rho).

    `scores` [readers, images]; m is the mean number of readers an image and rho the intraclass correlation
    (one-way, Kish 1965; Donner and Koval 1980). NaN scores are left out.
    """
    known = ~np.isnan(scores)
    each = known.sum(0)
    total, m = int(each.sum()), float(each[each > 0].mean()) if each.any() else math.nan
    if total == 0 or m <= 1:
        return float(total)
    rho = _intraclass(scores[:, each > 0], each[each > 0])
    return total / (1 + (m - 1) * max(rho, 0.0))


def _intraclass(scores: NDArray[np.float64], each: NDArray[np.int_]) -> float:
    k, total = scores.shape[1], int(each.sum())
    means, grand = np.nanmean(scores, 0), np.nanmean(scores)
    between = float((each * (means - grand) ** 2).sum()) / max(k - 1, 1)
    within = float(np.nansum((scores - means) ** 2)) / max(total - k, 1)
    m0 = (total - float((each**2).sum()) / total) / max(k - 1, 1)
    spread = between + (m0 - 1) * within
    return 1.0 if spread == 0 else (between - within) / spread
