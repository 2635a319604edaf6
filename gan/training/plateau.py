"""Does a score still fall? Told once, when it has stopped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PATIENCE = 6
"""Evaluations that must bring nothing, against as many before them."""
_LEAST_FALL = 0.02
_DOUBT = 0.05


def stalled(values: Sequence[float]) -> bool:
    """Whether the last six scores (lower is better) are no better than the six before them.

    They are better where their median is lower by at least 2 % and the fall stands out from the noise of the
    scores: one-sided rank test of Mann and Whitney (1947), p at most 0.05. A lucky score, or an unlucky one,
    moves neither. Fewer than twelve scores never stall.
    """
    if len(values) < 2 * PATIENCE:
        return False
    recent, before = np.array(values[-PATIENCE:]), np.array(values[-2 * PATIENCE : -PATIENCE])
    middle = float(np.median(before))
    if np.median(recent) > middle - _LEAST_FALL * abs(middle):
        return True
    from scipy.stats import mannwhitneyu  # slow to load; a training comes here late, if at all

    return bool(mannwhitneyu(recent, before, alternative="less").pvalue > _DOUBT)


def newly_stalled(values: Sequence[float]) -> bool:
    """Whether the newest score makes it a plateau: the moment to tell of it."""
    return stalled(values) and not stalled(values[:-1])
