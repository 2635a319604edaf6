"""How alike two pictures are: over flips and quarter turns, small shifts and zooms, brightness and contrast.

The middle of a picture is looked for in another one, in two steps. First both are reduced to a few pixels,
and the middle is correlated with patches of several sizes and places of the other, in eight orientations;
then the best few are compared finely, the middle slid over the other picture at several sizes. The absolute
correlation counts, so that a negative is found too. Turns by more than some ten degrees, other than quarters,
and pieces of several pictures put together are not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import Grey

SIDE = 40
"""Of a picture in the fine comparison, pixels."""
MIDDLE = 32
"""Of its middle, which is looked for in another."""
ORIENTATIONS = 8
_COARSE = 12
_PATCHES = tuple(
    (side, down, across)
    for side, moves in ((28, (-5, -2, 0, 2, 5)), (32, (-4, -2, 0, 2, 4)), (36, (-2, 0, 2)))
    for down in moves
    for across in moves
)
"""Side and place about the middle of the patches in the first step, in pixels of `SIDE`."""
_SIZES = (26, 28, 30, 31, 32, 33, 34, 36, 38)
"""Of the middle in the second step: zooms of 0.8 to 1.2."""
_KEPT = 6
"""Best pictures of the first step that are compared finely, beside the best of each name."""
_CHUNK = 64

Details = NDArray[np.float32]
"""[N, SIDE, SIDE] reduced pictures."""


@dataclass(frozen=True)
class Match:
    """One of the pictures that another is most like."""

    place: int
    """Among those compared with."""
    distance: float
    """1 - |r|: 0 for the same picture, moved or turned as it may be."""
    view: int
    """The orientation (0 to 7, see `turned_image`) of the other picture in which they are alike."""


def detail(image: Grey) -> NDArray[np.float32]:
    """An [H, W] picture as [SIDE, SIDE], reduced by areas."""
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)


def turned_image(image: Grey, view: int) -> Grey:
    """An [H, W] picture in one of the eight orientations."""
    base = image[:, ::-1] if view >= ORIENTATIONS // 2 else image
    return np.ascontiguousarray(np.rot90(base, view % (ORIENTATIONS // 2)))


def nearest_of_each(
    pictures: Details, others: Details, names: Sequence[str], count: int, own: Sequence[str] | None = None
) -> list[list[Match]]:
    """For each of `pictures` [M] the nearest of `others` [N] of each of the `count` nearest `names`.

    `names` says of each of the N what it belongs to; with `own` (a name for each of the M) those of the same
    name are left out. Nearest first; fewer where there are fewer names.
    """
    whose = np.asarray(names)
    found = []
    for at, (score, view) in enumerate(_coarse(pictures, others)):
        if own is not None:
            score = np.where(whose == own[at], -1.0, score).astype(np.float32)
        matches = [_fine(pictures[at], others, int(p), int(view[p])) for p in _best(score, whose, count)]
        found.append(_of_each_name(matches, whose, count))
    return found


def _of_each_name(matches: Sequence[Match], whose: NDArray[np.str_], count: int) -> list[Match]:
    """The nearest of each name, nearest first."""
    best: dict[str, Match] = {}
    for match in sorted(matches, key=lambda match: match.distance):
        best.setdefault(str(whose[match.place]), match)
    return list(best.values())[:count]


def _best(score: NDArray[np.float32], whose: NDArray[np.str_], count: int) -> list[int]:
    """Places of the best few, and of the best of one more name than are wanted."""
    order = np.argsort(-score)
    chosen: list[int] = []
    seen: set[str] = set()
    for rank, place in enumerate(order):
        if score[place] < 0 or (rank >= _KEPT and len(seen) > count):
            break
        if rank < _KEPT or whose[place] not in seen:
            chosen.append(int(place))
        seen.add(str(whose[place]))
    return chosen


def _coarse(pictures: Details, others: Details) -> Iterator[tuple[NDArray[np.float32], NDArray[np.intp]]]:
    """For each picture the best |r| with each of the others, [N], and the orientation that gives it."""
    for start in range(0, len(pictures), _CHUNK):
        part = pictures[start : start + _CHUNK]
        middles = _unit([_reduced(_middle(view)) for one in part for view in _views(one)])
        scores = np.concatenate(
            [_against(middles, others[at : at + _CHUNK]) for at in range(0, len(others), _CHUNK)], axis=2
        )
        yield from zip(scores.max(1), scores.argmax(1), strict=True)


def _against(middles: NDArray[np.float32], others: Details) -> NDArray[np.float32]:
    """[M, 8, n]: the best over the patches."""
    patches = _unit([_reduced(patch) for other in others for patch in _cut(other)])
    r = np.abs(middles @ patches.T)
    return np.asarray(r.reshape(-1, ORIENTATIONS, len(others), len(_PATCHES)).max(3), np.float32)


def _fine(picture: NDArray[np.float32], others: Details, place: int, view: int) -> Match:
    """The middle, turned, slid over the other picture at several sizes; `view` is the other's turn."""
    middle = _middle(_views(picture)[view])
    best = 0.0
    for side in _SIZES:
        way = cv2.INTER_AREA if side < MIDDLE else cv2.INTER_CUBIC
        scaled = cv2.resize(middle, (side, side), interpolation=way)
        r = cv2.matchTemplate(others[place], scaled, cv2.TM_CCOEFF_NORMED)
        best = max(best, float(np.abs(r[np.isfinite(r)]).max(initial=0.0)))
    return Match(place, max(0.0, 1 - best), _back(view))


def _back(view: int) -> int:
    """The orientation that undoes one: mirrored ones undo themselves, turns turn back."""
    return view if view >= ORIENTATIONS // 2 else -view % (ORIENTATIONS // 2)


def _views(picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    both = (picture, picture[:, ::-1])
    return [np.ascontiguousarray(np.rot90(base, turn)) for base in both for turn in range(4)]


def _middle(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    edge = (SIDE - MIDDLE) // 2
    return np.ascontiguousarray(picture[edge : edge + MIDDLE, edge : edge + MIDDLE])


def _cut(picture: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for side, down, across in _PATCHES:
        edge = (SIDE - side) // 2
        top, left = edge + down, edge + across
        yield np.ascontiguousarray(picture[top : top + side, left : left + side])


def _reduced(patch: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(patch, (_COARSE, _COARSE), interpolation=cv2.INTER_AREA), np.float32)


def _unit(patches: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """[n, D] with mean 0 and length 1; zeros where one is flat."""
    flat = np.stack(patches).reshape(len(patches), -1)
    flat = flat - flat.mean(1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(length, 1e-6), np.float32)
