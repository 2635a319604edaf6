"""One pinned resize: it decides the value of FID (Parmar et al. 2022, "On aliased resizing")."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from gan.data.decode import Pixels

FILTER = "antialiased bicubic"


def resized(images: Pixels, side: int) -> npt.NDArray[np.float32]:
    """Images [N, C, side, side] in 0 to 255, float32, not rounded: bicubic with antialiasing, each channel
    alone.

    The same for enlarging and shrinking; an image of that side comes back unchanged.
    """
    result = np.empty((*images.shape[:2], side, side), np.float32)
    for n, image in enumerate(images):
        for c, channel in enumerate(image):
            result[n, c] = _one(channel, side)
    return result


def _one(channel: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.float32]:
    values = channel.astype(np.float32)
    if channel.shape == (side, side):
        return values
    return np.asarray(Image.fromarray(values).resize((side, side), Image.Resampling.BICUBIC), np.float32)
