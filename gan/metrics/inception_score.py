"""Inception score: how sure and how varied a classifier finds the images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax


def inception_score(logits: NDArray[np.floating], splits: int = 10) -> tuple[float, float]:
    """Mean and standard deviation over `splits` of exp(mean KL(p(y|x) || p(y))); logits [N, classes].

    Source: Salimans et al. 2016, section 4. Splits are consecutive; fewer than ten images a split lower their
    number. Between 1 and the number of classes.

    Raises:
        ValueError: no images.
    """
    if len(logits) == 0:
        raise ValueError("an inception score needs images")
    log_p = log_softmax(logits.astype(np.float64), axis=1)
    parts = np.array_split(log_p, max(1, min(splits, len(log_p) // 10)))
    scores = [_score(part) for part in parts]
    return float(np.mean(scores)), float(np.std(scores))


def _score(log_p: NDArray[np.float64]) -> float:
    p = np.exp(log_p)
    mean = p.mean(0)
    log_mean = np.log(np.where(mean > 0, mean, 1.0))
    return float(np.exp((p * (log_p - log_mean)).sum(1).mean()))
