"""Precision, recall, density and coverage over nearest neighbours in feature space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from gan.metrics.frechet import Features, checked


@dataclass(frozen=True)
class Manifold:
    """All four lie in [0, 1], except density, which may exceed 1."""

    precision: float
    """Share of generated images inside the real manifold."""
    recall: float
    """Share of real images inside the generated manifold."""
    density: float
    coverage: float
    """Share of real images with a generated one among their neighbours."""
    neighbours: int


def manifold(real: Features, generated: Features, neighbours: int = 5) -> Manifold:
    """Precision, recall, density and coverage of features [N, F] and [M, F].

    Sources: Kynkäänniemi et al. 2019, eq. 1-2 (precision, recall); Naeem et al. 2020, eq. 5-6 (the others). A
    manifold is the union of balls around each point up to its k-th nearest neighbour, itself not counted.

    Raises:
        ValueError: a side has no more than `neighbours` rows, or feature lengths differ.
    """
    real, generated = checked(real, generated)
    if min(len(real), len(generated)) <= neighbours:
        raise ValueError(f"{neighbours} neighbours need more than {neighbours} images on each side")
    real_radius, generated_radius = _radius(real, neighbours), _radius(generated, neighbours)
    distance = cdist(real, generated)
    inside_real = distance <= real_radius[:, None]
    return Manifold(
        precision=float(inside_real.any(0).mean()),
        recall=float((distance <= generated_radius[None, :]).any(1).mean()),
        density=float(inside_real.sum(0).mean() / neighbours),
        coverage=float(inside_real.any(1).mean()),
        neighbours=neighbours,
    )


def _radius(points: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    distance = cdist(points, points)
    np.fill_diagonal(distance, -1.0)  # itself sorts first, duplicates stay neighbours
    radius: NDArray[np.float64] = np.partition(distance, neighbours, axis=1)[:, neighbours]
    return radius
