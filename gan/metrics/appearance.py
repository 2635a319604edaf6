"""Plain figures of an image that leaking augmentations change: light, noise, holes, place, size, colour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gan.data.decode import Pixels

Values = npt.NDArray[np.float64]

_AT_ONCE = 256
_CELLS = 16
_FLAT, _MIDDLE = 8.0, 8.0
"""Grey levels: the most that a hole's cell spans, and lies away from the middle grey."""


def appearance(images: Pixels) -> Mapping[str, Values]:
    """One value an image [N] for each figure; images [N, C, H, W], 0 to 255, H and W powers of two from 16.

    `brightness` and `contrast` (binary logarithm of the deviation) in grey levels; `noise`, the deviation of
    the finest diagonal detail, by its median (Donoho and Johnstone 1994, section 3.3), as a binary logarithm;
    `holes`, the share of cells that are flat and middle grey; `place`, how far the centre of detail is from
    the middle, and `size`, its spread, in image sides; with colour `saturation`, `red_green`, `blue_yellow`.
    """
    parts = [_figures(images[at : at + _AT_ONCE]) for at in range(0, len(images), _AT_ONCE)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _figures(images: Pixels) -> dict[str, Values]:
    values = images.astype(np.float64)
    grey = values.mean(1)
    place, size = _place_and_size(grey)
    figures = {
        "brightness": grey.mean((1, 2)),
        "contrast": np.log2(grey.std((1, 2)) + 1),
        "noise": np.log2(_noise(grey) + 0.5),
        "holes": _holes(grey),
        "place": place,
        "size": size,
    }
    return figures if images.shape[1] == 1 else figures | _colour(values)


def _noise(grey: Values) -> Values:
    a, b, c, d = grey[:, ::2, ::2], grey[:, ::2, 1::2], grey[:, 1::2, ::2], grey[:, 1::2, 1::2]
    deviation: Values = np.median(np.abs(a - b - c + d) / 2, axis=(1, 2)) / 0.6745
    return deviation


def _holes(grey: Values) -> Values:
    cells = grey.reshape(len(grey), _CELLS, grey.shape[1] // _CELLS, _CELLS, grey.shape[2] // _CELLS)
    if cells.shape[2] < 2:  # a single pixel is flat by nature
        return np.zeros(len(grey))
    span = cells.max((2, 4)) - cells.min((2, 4))
    middle = np.abs(cells.mean((2, 4)) - 127.5)
    share: Values = ((span <= _FLAT) & (middle <= _MIDDLE)).mean((1, 2))
    return share


def _place_and_size(grey: Values) -> tuple[Values, Values]:
    """Weighted by the squared gradient, which marks the embryo and not the ground."""
    dy, dx = np.gradient(grey, axis=(1, 2))
    energy = dx**2 + dy**2
    energy /= np.maximum(energy.sum((1, 2), keepdims=True), 1e-9)
    side = np.arange(grey.shape[1]) / grey.shape[1] - 0.5
    x, y = (energy.sum(1) * side).sum(1), (energy.sum(2) * side).sum(1)
    spread = (energy.sum(1) * side**2).sum(1) + (energy.sum(2) * side**2).sum(1) - x**2 - y**2
    return np.hypot(x, y), np.sqrt(np.maximum(spread, 0))


def _colour(values: Values) -> dict[str, Values]:
    red, green, blue = values[:, 0], values[:, 1], values[:, 2]
    return {
        "saturation": (values.max(1) - values.min(1)).mean((1, 2)),
        "red_green": (red - green).mean((1, 2)),
        "blue_yellow": (blue - (red + green) / 2).mean((1, 2)),
    }
