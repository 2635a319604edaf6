"""Which focal plane of a moment is the sharpest, judged where the embryo lies and not at the well's rim.

The measure is the mean absolute Laplacian of the picture smoothed by a Gaussian: one of the Laplacian-based
operators of Pertuz, Puig and Garcia 2013, Analysis of focus measure operators for shape-from-focus, Pattern
Recognition 46. Absolute values rather than squares: a single bright edge does not decide. How it compares
with variance of the Laplacian, Brenner and Tenengrad on real planes: `benchmarks/sharpness.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import Grey

Mask = NDArray[np.uint8]
"""[H, W], 1 inside and 0 outside."""

WORK_SIDE = 500
"""Longer side at which planes are measured, pixels: the sigmas below are for this size."""
REGION_SIDE = 250
"""Longer side at which the embryo is looked for."""
SMOOTH = 1.4
"""Sigma of the Gaussian before the Laplacian: grain and compression are finer."""
SATURATED = 245
"""The well's rim is white on most planes; nothing is measured there."""
MARGIN = 21
"""By how much the found area is widened, pixels at `WORK_SIDE`: the zona belongs to it."""
TEXTURE_CAP = 20.0
"""Grey levels of local contrast above which more says no more about where the embryo is."""
CENTRE_SIGMA = 0.7
"""Of half a side: the embryo lies near the middle, the holder's pattern in the corners."""


def sharpest(planes: Sequence[Grey]) -> int:
    """Which of the [H, W] planes of one size is sharpest where the embryo is.

    Raises:
        ValueError: no planes, or planes of different sizes.
    """
    small = [shrunk(plane) for plane in _of_one_size(planes)]
    region = embryo_region(small)
    return int(np.argmax([sharpness(plane, region) for plane in small]))


def sharpness(image: Grey, region: Mask) -> float:
    """Mean absolute Laplacian of Gaussian inside a region, grey levels per square pixel; 0 where flat."""
    found = cv2.mean(np.abs(detail(image, SMOOTH)), mask=region)[0]
    return float(found)


def embryo_region(planes: Sequence[Grey]) -> Mask:
    """Where planes of one size hold an embryo's texture: one area; everything where none stands out.

    Local contrast is summed over the planes, the rim taken out, what lies near the middle preferred, and the
    largest area kept. It is no segmentation: it need only leave out rim, holder and empty well.

    Raises:
        ValueError: no planes, or planes of different sizes.
    """
    whole = _of_one_size(planes)
    height, width = whole[0].shape
    small = _region([shrunk(plane, REGION_SIDE) for plane in whole])
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def detail(image: Grey, sigma: float) -> NDArray[np.float32]:
    """Laplacian of Gaussian, [H, W]."""
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma)
    return np.asarray(cv2.Laplacian(smooth, cv2.CV_32F), np.float32)


def shrunk(plane: Grey, most: int = WORK_SIDE) -> Grey:
    """The plane with neither side longer than `most` pixels."""
    longest = max(plane.shape)
    if longest <= most:
        return plane
    height, width = (max(1, round(side * most / longest)) for side in plane.shape)
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _region(planes: Sequence[Grey]) -> Mask:
    scale, clear = _scale(planes[0]), 1 - _rim(planes)
    texture = np.asarray(sum(_texture(plane) for plane in planes) * clear, np.float32)
    near = cv2.GaussianBlur(texture, (0, 0), 30 * scale) * _prior(planes[0])
    top = float(near.max())
    if top <= 1e-3:
        return np.ones(planes[0].shape, np.uint8)
    found = _largest(np.asarray(near > 0.5 * top, np.uint8), near)
    return np.asarray(cv2.dilate(found, _disc(MARGIN * scale)) * clear, np.uint8)


def _texture(plane: Grey) -> NDArray[np.float32]:
    """Local contrast, grey levels."""
    scale, level = _scale(plane), plane.astype(np.float32)
    difference = level - cv2.GaussianBlur(level, (0, 0), 6 * scale)
    spread = cv2.GaussianBlur(difference * difference, (0, 0), 4 * scale)
    return np.asarray(np.minimum(np.sqrt(np.maximum(spread, 0)), TEXTURE_CAP), np.float32)


def _rim(planes: Sequence[Grey]) -> Mask:
    """1 where half the planes are saturated over more than a speck, and around it."""
    scale = _scale(planes[0])
    often = np.mean([plane >= SATURATED for plane in planes], axis=0) >= 0.5
    opened = cv2.morphologyEx(np.asarray(often, np.uint8), cv2.MORPH_OPEN, _disc(5 * scale))
    return np.asarray(cv2.dilate(opened, _disc(15 * scale)), np.uint8)


def _prior(plane: Grey) -> NDArray[np.float32]:
    height, width = plane.shape
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    return np.exp(-(x**2 + y**2) / (2 * CENTRE_SIGMA**2)).astype(np.float32)


def _largest(mask: Mask, weight: NDArray[np.float32]) -> Mask:
    """The convex hull of the connected area with the greatest weight."""
    count, areas = cv2.connectedComponents(mask)
    weights = [float(weight[areas == number].sum()) for number in range(1, count)]
    best = np.asarray(areas == 1 + int(np.argmax(weights)), np.uint8)
    outlines, _ = cv2.findContours(best, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(np.vstack(outlines))
    return np.asarray(cv2.fillConvexPoly(np.zeros_like(mask), hull, [1]), np.uint8)


def _of_one_size(planes: Sequence[Grey]) -> Sequence[Grey]:
    if not planes:
        raise ValueError("no planes to compare")
    if len({plane.shape for plane in planes}) > 1:
        raise ValueError("the planes differ in size")
    return planes


def _scale(plane: Grey) -> float:
    return float(max(plane.shape) / WORK_SIDE)


def _disc(diameter: float) -> Mask:
    side = max(3, round(diameter) | 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
