"""Near copies: a generated image too close to a real one, in any of eight orientations, is a privacy leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from gan.metrics.frechet import Features

ORIENTATIONS = 8


@dataclass(frozen=True)
class Neighbour:
    """The nearest real image of one generated image."""

    real: int
    """Row of the real set."""
    orientation: int
    """Index into `orientations`: quarter turns, plus 4 where mirrored first."""
    distance: float
    near_copy: bool
    """Closer than real images of different embryos come to one another."""


def orientations(images: NDArray[np.generic]) -> NDArray[np.generic]:
    """All flips and quarter turns of images [N, H, W], as [8, N, H, W]; H equals W."""
    mirrored = images[:, :, ::-1]
    turned = [np.rot90(base, k, axes=(1, 2)) for base in (images, mirrored) for k in range(4)]
    return np.stack(turned)


def copy_threshold(
    real_orientations: NDArray[np.floating], embryos: Sequence[str], quantile: float = 0.01
) -> float:
    """The distance below which a generated image is a near copy; features [8, N, F], unturned first.

    It is the `quantile` of the distances from each real image to its nearest one of another embryo, over
    the same eight orientations as the search: frames of different embryos are no copies of one another, so a
    closeness that is rarer among them is suspicious.

    Raises:
        ValueError: fewer than two embryos.
    """
    names = np.asarray(embryos)
    if len(np.unique(names)) < 2:
        raise ValueError("the threshold for near copies needs real images of at least two embryos")
    distance = np.min([cdist(real_orientations[0], other) for other in real_orientations], axis=0)
    distance[names[:, None] == names[None, :]] = np.inf
    return float(np.quantile(distance.min(1), quantile))


def nearest_real(
    generated: Features, real_orientations: NDArray[np.floating], threshold: float
) -> list[Neighbour]:
    """For each generated row [M, F] the nearest real one among features [8, N, F] of all orientations."""
    stacked = np.stack([cdist(generated, real) for real in real_orientations])  # [8, M, N]
    found = []
    for row in range(len(generated)):
        orientation, real = np.unravel_index(int(stacked[:, row].argmin()), stacked[:, row].shape)
        distance = float(stacked[orientation, row, real])
        found.append(Neighbour(int(real), int(orientation), distance, distance < threshold))
    return found
