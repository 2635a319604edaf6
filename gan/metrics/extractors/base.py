"""The seam: an extractor turns images into features, and says exactly what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gan.data.decode import Pixels

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Identity:
    """What stands in every result, so that two figures are compared only when they mean the same."""

    name: str
    """For people, such as `Inception v3 (2015)` or `in-domain encoder`."""
    hash: str
    """SHA-256 of the weights."""
    resize: str
    """Filter and side, such as `antialiased bicubic to 299`."""
    length: int
    """Features an image."""


@dataclass(frozen=True)
class Extracted:
    """Features [N, F] and, where the extractor classifies, logits [N, K]."""

    features: Array
    logits: Array | None = None


class Extractor(Protocol):
    """A feature extractor."""

    identity: Identity

    def extract(self, images: Pixels) -> Extracted:
        """Features of images [N, C, H, W], 0 to 255, in their order, whatever the batch size inside."""
