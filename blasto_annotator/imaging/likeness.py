"""How alike two pictures are, over all flips and quarter turns: reduced, standardised, correlated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import Grey

SIDE = 32
ORIENTATIONS = 8
_CHUNK = 512

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Match:
    """One of the pictures that another is most like."""

    place: int
    """Among those compared with."""
    distance: float
    view: int
    """The orientation (0 to 7, as `turned` orders them) in which it is."""


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


def turned_image(image: Grey, view: int) -> Grey:
    """An [H, W] picture in one of the eight orientations."""
    base = image[:, ::-1] if view >= ORIENTATIONS // 2 else image
    return np.ascontiguousarray(np.rot90(base, view % (ORIENTATIONS // 2)))


def nearest_of_each(vectors: Vectors, others: Vectors, names: Sequence[str], count: int) -> list[list[Match]]:
    """For each of `vectors` [M, D] the nearest of `others` [8, N, D] of each of the `count` nearest `names`.

    `names` says of each of the N what it belongs to. Nearest first; fewer where there are fewer names.
    """
    order = np.argsort(np.asarray(names), kind="stable")
    starts = np.flatnonzero(np.r_[True, np.asarray(names)[order][1:] != np.asarray(names)[order][:-1]])
    ends = np.r_[starts[1:], len(order)]
    found = []
    for start in range(0, len(vectors), _CHUNK):
        part = vectors[start : start + _CHUNK]
        distance = _distances(part, others)[:, order]
        closest = np.minimum.reduceat(distance, starts, axis=1)
        for line, own, groups in zip(part, distance, np.argsort(closest, axis=1)[:, :count], strict=True):
            inside = [int(starts[g] + own[starts[g] : ends[g]].argmin()) for g in groups]
            found.append([_match(line, others, int(order[at]), float(own[at])) for at in inside])
    return found


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
        distance = _distances(part, others)
        if kin is not None:
            own, their = (np.asarray(names) for names in kin)
            distance[own[start : start + _CHUNK, None] == their[None, :]] = np.inf
        places.append(distance.argmin(1))
        away.append(distance.min(1))
    return np.concatenate(places), np.concatenate(away)


def _distances(part: Vectors, others: Vectors) -> NDArray[np.float32]:
    """1 - r of every pair, r the best over the orientations."""
    best = part @ others[0].T
    for other in others[1:]:
        np.maximum(best, part @ other.T, out=best)
    return np.asarray(1 - best, np.float32)


def _match(line: NDArray[np.float32], others: Vectors, place: int, distance: float) -> Match:
    return Match(place, distance, int((others[:, place] @ line).argmax()))
