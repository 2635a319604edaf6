"""The one way an image becomes a square of a given size: for snapshots and for review alike."""

from __future__ import annotations

import numpy as np
from PIL import Image

from blasto_annotator.imaging.decode import Grey

FIT = "centre-crop"
"""What happens to a picture that is not square: its longer side is cropped evenly on both ends."""
FILTER = "lanczos"
"""Pillow's Lanczos filter, which widens with the reduction (antialiased)."""


def square(image: Grey, size: int) -> Grey:
    """[H, W] to [size, size]: centre-cropped to a square, then resampled with the antialiased filter."""
    height, width = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    cut = image[top : top + side, left : left + side]
    if side == size:
        return np.ascontiguousarray(cut)
    resized = Image.fromarray(cut).resize((size, size), Image.Resampling.LANCZOS)
    return np.asarray(resized, dtype=np.uint8)
