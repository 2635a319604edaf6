"""Fréchet distance between two Gaussians fitted to features (FID with Inception features)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating]


def frechet_distance(real: Features, generated: Features) -> float:
    """`|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))` of features [N, F] and [M, F].

    Source: Dowson and Landau 1982, eq. 4; Heusel et al. 2017, section "Fréchet Inception distance".
    Covariances are the unbiased ones, as in the FID tools.

    Raises:
        ValueError: fewer than two rows on a side, or different feature lengths.
    """
    real, generated = checked(real, generated)
    mean = real.mean(0) - generated.mean(0)
    first, second = np.cov(real, rowvar=False), np.cov(generated, rowvar=False)
    first, second = np.atleast_2d(first), np.atleast_2d(second)
    trace = np.trace(first) + np.trace(second) - 2 * _trace_of_root(first, second)
    return float(mean @ mean + trace)


def _trace_of_root(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """tr (S1 S2)^(1/2), from the symmetric S1^(1/2) S2 S1^(1/2), which has the same eigenvalues.

    Unlike a general matrix root this stays real and needs no jitter where n is below the feature length.
    """
    values, vectors = np.linalg.eigh(first)
    root = vectors * np.sqrt(np.clip(values, 0, None)) @ vectors.T
    inner = np.linalg.eigvalsh(root @ second @ root)
    # Where n is below the feature length most eigenvalues are zero but for rounding, whose roots would add
    # up.
    noise = inner.max(initial=0.0) * len(inner) * np.finfo(np.float64).eps
    return float(np.sqrt(inner[inner > noise]).sum())


def checked(real: Features, generated: Features) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as float64.

    Raises:
        ValueError: they cannot be compared.
    """
    if real.ndim != 2 or generated.ndim != 2 or real.shape[1] != generated.shape[1]:
        raise ValueError(f"features {real.shape} and {generated.shape} cannot be compared")
    if min(len(real), len(generated)) < 2:
        raise ValueError("a score needs at least two images on each side")
    return real.astype(np.float64), generated.astype(np.float64)
