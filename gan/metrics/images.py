"""The two sides of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gan.data.decode import Pixels


@dataclass(frozen=True)
class Images:
    """A set of images with their classes; real ones also name their embryos."""

    pixels: Pixels
    """[N, C, H, W], 0 to 255."""
    labels: npt.NDArray[np.int64]
    """Class indices [N]."""
    embryos: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    def of_class(self, index: int) -> Images:
        """The images of one class."""
        chosen = self.labels == index
        embryos = tuple(name for name, keep in zip(self.embryos, chosen, strict=False) if keep)
        return Images(self.pixels[chosen], self.labels[chosen], embryos)
