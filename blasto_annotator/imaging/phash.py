"""Perceptual hash: 64 bits that barely change where a picture barely changes.

Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions, section 3.2.1: the image at
32 x 32, its discrete cosine transform, the 8 x 8 lowest frequencies without the first row and column, and
each compared with their median.
"""

from __future__ import annotations

import cv2
import numpy as np

from blasto_annotator.imaging.decode import Grey

BITS = 64


def perceptual_hash(image: Grey) -> int:
    """The 64-bit hash of an [H, W] grey image."""
    small = cv2.resize(image, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[1:9, 1:9].ravel()
    return int.from_bytes(np.packbits(low > np.median(low)).tobytes(), "big")


def distance(a: int, b: int) -> int:
    """Bits that differ, 0 to 64."""
    return (a ^ b).bit_count()
