"""Display adjustments: what a grader changes to see better. The stored image never changes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from blasto_annotator.imaging.decode import Grey

CLAHE_CLIP = 2.0
CLAHE_TILES = (8, 8)


@dataclass(frozen=True)
class Adjustments:
    """Brightness, contrast, gamma, CLAHE and inversion; the defaults change nothing."""

    brightness: float = 0.0
    """-1 to 1: added, in units of the full range."""
    contrast: float = 1.0
    """0 to 10: factor about mid-grey."""
    gamma: float = 1.0
    """0.05 to 20: above 1 brightens the dark parts."""
    clahe: bool = False
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994)."""
    invert: bool = False

    def __post_init__(self) -> None:
        if not -1 <= self.brightness <= 1:
            raise ValueError(f"brightness {self.brightness} is not within -1 to 1")
        if not 0 <= self.contrast <= 10:
            raise ValueError(f"contrast {self.contrast} is not within 0 to 10")
        if not 0.05 <= self.gamma <= 20:
            raise ValueError(f"gamma {self.gamma} is not within 0.05 to 20")


def apply(image: Grey, adjustments: Adjustments) -> Grey:
    """The image as shown: CLAHE, then contrast about mid-grey, brightness, gamma, inversion in one table."""
    if adjustments == Adjustments():
        return image
    if adjustments.clahe:
        image = np.asarray(cv2.createCLAHE(CLAHE_CLIP, CLAHE_TILES).apply(image), dtype=np.uint8)
    return np.asarray(cv2.LUT(image, _table(adjustments)), dtype=np.uint8)


def _table(adjustments: Adjustments) -> Grey:
    """The 256 output values."""
    value = np.arange(256) / 255.0
    value = (value - 0.5) * adjustments.contrast + 0.5 + adjustments.brightness
    value = np.clip(value, 0.0, 1.0) ** (1.0 / adjustments.gamma)
    if adjustments.invert:
        value = 1.0 - value
    return np.rint(value * 255).astype(np.uint8)
