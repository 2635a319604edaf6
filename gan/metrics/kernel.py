"""Kernel distance: squared maximum mean discrepancy with a cubic kernel (KID with Inception features)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan.metrics.frechet import Features, checked


@dataclass(frozen=True)
class KernelDistance:
    """Mean over subsets, and its spread."""

    value: float
    deviation: float
    """Standard deviation over subsets."""
    subset_size: int


def kernel_distance(
    real: Features, generated: Features, subset_size: int = 1000, subsets: int = 100, seed: int = 0
) -> KernelDistance:
    """Unbiased squared MMD with k(x, y) = (x.y / F + 1)^3, averaged over random subsets.

    Source: Binkowski et al. 2018, section 4 (kernel) and eq. 4 (unbiased estimator). `subset_size` is lowered
    to 90 % of the smaller side, so that subsets differ. May be slightly negative: it is unbiased.

    Raises:
        ValueError: fewer than two rows on a side, or different feature lengths.
    """
    real, generated = checked(real, generated)
    size = max(2, min(subset_size, int(0.9 * min(len(real), len(generated)))))
    rng = np.random.default_rng(seed)
    values = [
        squared_mmd(
            real[rng.choice(len(real), size, False)], generated[rng.choice(len(generated), size, False)]
        )
        for _ in range(subsets)
    ]
    return KernelDistance(float(np.mean(values)), float(np.std(values)), size)


def squared_mmd(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The unbiased estimator on all rows: diagonal terms are left out."""
    n, m = len(x), len(y)
    xx, yy, xy = _kernel(x, x), _kernel(y, y), _kernel(x, y)
    within = (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return float(within - 2 * xy.mean())


def _kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = (x @ y.T / x.shape[1] + 1) ** 3
    return product
