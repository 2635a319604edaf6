"""How alike two pictures are, over all flips and quarter turns: reduced, standardised, correlated."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import Grey

SIDE = 32
ORIENTATIONS = 8
_CHUNK = 512

Vectors = NDArray[np.float32]


def vector(image: Grey) -> Vectors:
    """An [H, W] picture as [SIDE * SIDE]: reduced by areas, mean 0, length 1; zeros where it is flat."""
    small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    centred = small.ravel() - small.mean()
    length = float(np.linalg.norm(centred))
    return np.asarray(centred / length if length > 0 else centred, np.float32)


def turned(vectors: Vectors) -> Vectors:
    """[N, SIDE * SIDE] in all eight orientations, [8, N, SIDE * SIDE]; the first is as it is."""
    images = vectors.reshape(-1, SIDE, SIDE)
    both = (images, images[:, :, ::-1])
    views = [np.rot90(base, quarter, axes=(1, 2)) for base in both for quarter in range(4)]
    return np.ascontiguousarray(np.stack(views).reshape(ORIENTATIONS, len(images), -1))


def nearest(
    vectors: Vectors, others: Vectors, kin: tuple[Sequence[str], Sequence[str]] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each of `vectors` [M, D] the place of the most alike among `others` [8, N, D], and its distance.

    The distance is 1 - r, r the best correlation over the orientations: 0 to 2. With `kin` (a name for each
    of both) those of the same name are left out; a row that has no other gets an infinite distance.
    """
    places, away = [], []
    for start in range(0, len(vectors), _CHUNK):
        part = vectors[start : start + _CHUNK]
        best = part @ others[0].T
        for other in others[1:]:
            np.maximum(best, part @ other.T, out=best)
        distance = 1 - best
        if kin is not None:
            own, their = (np.asarray(names) for names in kin)
            distance[own[start : start + _CHUNK, None] == their[None, :]] = np.inf
        places.append(distance.argmin(1))
        away.append(distance.min(1))
    return np.concatenate(places), np.concatenate(away)
