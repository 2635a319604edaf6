"""Grey pixels on their way to the screen: enlarged crisply or smoothly, and as a QImage."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

LEAST_SIDE = 120
"""Of a picture that is painted as one of several, pixels."""


def enlarged(image: NDArray[np.uint8], least_side: int, *, smooth: bool) -> NDArray[np.uint8]:
    """A whole multiple of an image, of `least_side` pixels at least: bicubic, or each pixel repeated."""
    factor = max(1, -(-least_side // image.shape[0]))
    if factor == 1:
        return image
    how = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def halvings(image: NDArray[np.uint8], least_side: int = LEAST_SIDE) -> list[NDArray[np.uint8]]:
    """The image at half the size, a quarter, ... while the shorter side has `least_side` pixels or more.

    Painting a large picture small from the nearest of them keeps its fine structures from turning into grain.
    """
    levels = []
    while min(image.shape) >= 2 * least_side:
        height, width = image.shape
        size = (width // 2, height // 2)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        levels.append(image)
    return levels


def grey_image(image: NDArray[np.uint8]) -> QImage:
    """A QImage with its own copy of grey pixels [H, W]."""
    solid = np.ascontiguousarray(image)
    height, width = solid.shape
    return QImage(solid.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
