"""Tileable textures that stand for what is finer than the drawn cells: granules, mottling, fibres."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.fft

from blasto_annotator.sample.arrays import Image

TILE = 512


@lru_cache(maxsize=32)
def mottle(scale_um: float, pixel_um: float, seed: int = 0) -> Image:
    """Smooth noise of unit variance whose spots measure about `scale_um`; a tile, twice each way."""
    white = np.random.default_rng(seed).standard_normal((TILE, TILE), np.float32)
    return _tile(white, scale_um, pixel_um)


@lru_cache(maxsize=32)
def granules(scale_um: float, spacing_um: float, pixel_um: float, seed: int = 1) -> Image:
    """Sparse grains of unit variance and uneven strength; a tile, twice each way."""
    rng = np.random.default_rng(seed)
    share = min((pixel_um / spacing_um) ** 2, 0.5)
    grains = (rng.random((TILE, TILE)) < share) * rng.gamma(1.2, 1.0, (TILE, TILE))
    return _tile(grains.astype(np.float32), scale_um, pixel_um)


def window(tile: Image, height: int, width: int, rng: np.random.Generator) -> Image:
    """A piece of a tile at a random place; a piece larger than the tile repeats it. Not to be written to."""
    top, left = (int(v) for v in rng.integers(0, TILE, 2))
    if max(height, width) <= TILE:
        return tile[top : top + height, left : left + width]
    rows, columns = np.arange(top, top + height) % TILE, np.arange(left, left + width) % TILE
    piece: Image = tile[rows][:, columns]
    return piece


def _tile(image: Image, scale_um: float, pixel_um: float) -> Image:
    """The image smoothed round its edges, brought to unit variance and laid twice each way."""
    uy = np.fft.fftfreq(TILE, pixel_um)[:, None]
    ux = np.fft.rfftfreq(TILE, pixel_um)[None, :]
    low = np.exp(-((np.pi * scale_um / 2.0) ** 2) * (ux * ux + uy * uy)).astype(np.float32)
    smooth = scipy.fft.irfft2(scipy.fft.rfft2(image) * low, (TILE, TILE))
    smooth -= smooth.mean()
    unit = (smooth / max(float(smooth.std()), 1e-6)).astype(np.float32)
    tile: Image = np.tile(unit, (2, 2))
    tile.flags.writeable = False
    return tile
