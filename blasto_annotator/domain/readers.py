"""Several readers on the same images: a mean whose interval covers other readers and other images."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.domain.statistics import Estimate


def readers_and_images(
    scores: NDArray[np.float64], resamples: int = 2000, seed: int = 0, confidence: float = 0.95
) -> Estimate:
    """The mean of `scores` [readers, images] (NaN: not read) and its percentile interval.

    Each resample draws readers and images, both with replacement, and takes every crossing: the pigeonhole
    bootstrap for crossed random effects (Owen 2007, Ann Appl Stat 1:386-411; for readers and cases Gallas et
    al. 2009). With one reader the interval covers images only, which a caller should say.

    Raises:
        ValueError: no score.
    """
    known = ~np.isnan(scores)
    if not known.any():
        raise ValueError("nothing was read")
    values = np.where(known, scores, 0.0)
    rng = np.random.default_rng(seed)
    readers, images = scores.shape
    reader_weights = rng.multinomial(readers, np.full(readers, 1 / readers), resamples).astype(np.float64)
    image_weights = rng.multinomial(images, np.full(images, 1 / images), resamples).astype(np.float64)
    sums = np.einsum("br,ri,bi->b", reader_weights, values, image_weights, optimize=True)
    counts = np.einsum("br,ri,bi->b", reader_weights, known.astype(np.float64), image_weights, optimize=True)
    means = sums[counts > 0] / counts[counts > 0]
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Estimate(float(values.sum() / known.sum()), float(low), float(high))


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
