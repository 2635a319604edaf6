"""Intervals by resampling embryos: frames of one embryo are not independent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Score = Callable[[NDArray[np.intp], NDArray[np.intp]], float]


@dataclass(frozen=True)
class Interval:
    """A score's percentile interval."""

    low: float
    high: float
    clusters: int
    """Embryos that were resampled: the effective number, unlike the number of frames."""
    repeats: int


def bootstrap_by_embryo(
    score: Score,
    embryos: Sequence[str],
    generated: int,
    repeats: int = 200,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile interval of `score(real rows, generated rows)` under resampled embryos and generated images.

    Source: Davison and Hinkley 1997, section 3.8 (resampling clusters whole). Repeated rows bias distances
    upwards, so the percentiles are shifted by the bootstrap's own estimate of that bias (section 2.1).
    `embryos` names the embryo of each real row; `generated` is the number of generated rows, which are
    independent and resampled singly.

    Raises:
        ValueError: fewer than two embryos, or no generated row.
    """
    names, codes = np.unique(np.asarray(embryos), return_inverse=True)
    if len(names) < 2 or generated < 1:
        raise ValueError("an interval needs at least two embryos and one generated image")
    rows = [np.flatnonzero(codes == code) for code in range(len(names))]
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(repeats):
        chosen = np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])
        values.append(score(chosen, rng.integers(generated, size=generated)))
    whole = score(np.arange(len(codes)), np.arange(generated))
    shift = whole - float(np.mean(values))
    tail = (1 - confidence) / 2 * 100
    low, high = np.percentile(values, [tail, 100 - tail])
    return Interval(float(low) + shift, float(high) + shift, len(names), repeats)
