"""Extended focus: one picture from all focal planes of a moment, each part from the plane where it is sharp.

Each plane is weighted by its local sharpness, and the planes are blended band by band: multiband blending of
Burt and Adelson 1983, A multiresolution spline with application to image mosaics, ACM Transactions on
Graphics 2 (4), with weights as in Mertens, Kautz and Van Reeth 2007, Exposure fusion. Every band of a place
comes from the same planes, so planes of different brightness meet without seams, and nothing is sharpened.
The weights follow a depth map that a median filter rids of single false choices; outside the embryo one plane
serves for all, since the well's rim is out of focus on most. No plane is moved: oblique illumination
displaces only what is out of focus.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import Grey
from blasto_annotator.imaging.focus import detail, embryo_region, shrunk

Band = NDArray[np.float32]

POWER = 6
"""How clearly the sharper plane outweighs the others."""
WINDOW = 4.0
"""Sigma over which local sharpness is averaged, pixels at `WORK_SIDE`."""
PREFERENCE = 1.0
"""Added to the base plane's sharpness, grey levels: flat parts come from it."""
DEPTH_MEDIAN = 21
"""Side of the median filter on the depth map, pixels at `WORK_SIDE`, odd."""
DEPTH_SPREAD = 1.0
"""Planes by which a choice may deviate from the depth map (sigma)."""
FEATHER = 10.0
"""Sigma of the soft edge of the embryo's area, pixels at `WORK_SIDE`."""


def extended_focus(planes: Sequence[Grey], base: int) -> Grey:
    """[H, W] from two or more planes of one size, by rising height; `base` is the plane outside the embryo.

    Raises:
        ValueError: fewer than two planes, planes of different sizes, or no such base.
    """
    if len(planes) < 2:
        raise ValueError("extended focus needs two planes")
    if not 0 <= base < len(planes):
        raise ValueError(f"there is no plane {base}")
    levels = max(1, int(np.log2(min(planes[0].shape))) - 3)
    weights = _weights([shrunk(plane) for plane in planes], base)
    blended: list[Band] = []
    for plane, weight in zip(planes, weights, strict=True):
        shares = _gaussian(_stretched(weight, plane), levels)
        parts = [a * b for a, b in zip(_laplacian(plane.astype(np.float32), levels), shares, strict=True)]
        blended = [a + b for a, b in zip(blended, parts, strict=True)] if blended else parts
    return np.asarray(np.clip(np.rint(_collapsed(blended)), 0, 255), np.uint8)


def _weights(planes: Sequence[Grey], base: int) -> list[Band]:
    """Each plane's share of each pixel; they add up to 1."""
    sharp = np.stack([_local_sharpness(plane) for plane in planes])
    sharp[base] += PREFERENCE
    share = (sharp / sharp.max(axis=0)) ** POWER
    away = np.arange(len(planes), dtype=np.float32)[:, None, None] - _depth(sharp)
    share *= np.exp(-(away**2) / (2 * DEPTH_SPREAD**2))
    share /= share.sum(axis=0)
    inside = cv2.GaussianBlur(embryo_region(planes).astype(np.float32), (0, 0), FEATHER)
    share *= inside
    share[base] += 1 - inside
    return [np.asarray(weight, np.float32) for weight in share]


def _local_sharpness(plane: Grey) -> Band:
    return np.asarray(cv2.GaussianBlur(np.abs(detail(plane, 1.0)), (0, 0), WINDOW), np.float32)


def _depth(sharp: Band) -> Band:
    """The sharpest plane's number at each pixel, without single outliers."""
    chosen = np.asarray(sharp.argmax(axis=0), np.uint8)
    steady = cv2.medianBlur(chosen, DEPTH_MEDIAN).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(steady, (0, 0), WINDOW), np.float32)


def _stretched(weight: Band, like: Grey) -> Band:
    height, width = like.shape
    if weight.shape == like.shape:
        return weight
    return np.asarray(cv2.resize(weight, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _gaussian(image: Band, levels: int) -> list[Band]:
    bands = [image]
    while len(bands) <= levels:
        bands.append(np.asarray(cv2.pyrDown(bands[-1]), np.float32))
    return bands


def _laplacian(image: Band, levels: int) -> list[Band]:
    smooth = _gaussian(image, levels)
    return [*(fine - _up(coarse, fine) for fine, coarse in pairwise(smooth)), smooth[-1]]


def _collapsed(bands: list[Band]) -> Band:
    image = bands[-1]
    for band in reversed(bands[:-1]):
        image = band + _up(image, band)
    return image


def _up(coarse: Band, like: Band) -> Band:
    height, width = like.shape
    return np.asarray(cv2.pyrUp(coarse, dstsize=(width, height)), np.float32)
