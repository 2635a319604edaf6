"""Grey pixels on their way to the screen: enlarged crisply or smoothly, and as a QImage."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def enlarged(image: NDArray[np.uint8], least_side: int, *, smooth: bool) -> NDArray[np.uint8]:
    """A whole multiple of an image, of `least_side` pixels at least: bicubic, or each pixel repeated."""
    factor = max(1, -(-least_side // image.shape[0]))
    if factor == 1:
        return image
    how = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def grey_image(image: NDArray[np.uint8]) -> QImage:
    """A QImage with its own copy of grey pixels [H, W]."""
    solid = np.ascontiguousarray(image)
    height, width = solid.shape
    return QImage(solid.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
