"""A smooth random field that bends what would otherwise look constructed."""

from __future__ import annotations

import numpy as np

from blasto_annotator.sample.arrays import Image

_WAVES = 2
_LENGTHS_UM = (24.0, 60.0)


class Warp:
    """Three fields over space, each a sum of plane waves, of about unit size."""

    def __init__(self, x: Image, y: Image, rng: np.random.Generator) -> None:
        """`x` [1, width] and `y` [height, 1] in micrometres."""
        axes = rng.standard_normal((3, _WAVES, 3))
        axes /= np.linalg.norm(axes, axis=2, keepdims=True)
        self._waves = 2.0 * np.pi * axes / rng.uniform(*_LENGTHS_UM, (3, _WAVES, 1))
        start = rng.uniform(0.0, 2.0 * np.pi, (3, _WAVES))
        phases: list[list[Image]] = [
            [(k[0] * x + k[1] * y + first).astype(np.float32) for k, first in zip(waves, firsts, strict=True)]
            for waves, firsts in zip(self._waves, start, strict=True)
        ]
        self._sines = [[np.sin(phase) for phase in row] for row in phases]
        self._cosines = [[np.cos(phase) for phase in row] for row in phases]

    def at(self, z: float, field: int) -> Image:
        """Field 0, 1 or 2 at a height, [height, width]."""
        bent = np.zeros_like(self._sines[field][0])
        waves = self._waves[field]
        for sine, cosine, k in zip(self._sines[field], self._cosines[field], waves, strict=True):
            bent += sine * np.float32(np.cos(k[2] * z))
            bent += cosine * np.float32(np.sin(k[2] * z))
        return bent
