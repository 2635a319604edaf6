"""Puts the embryo, the floor and all that is loose into one stack of phase slabs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import scipy.fft

from blasto_annotator.sample import texture
from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan
from blasto_annotator.sample.grains import FLOOR_UM, add_grain, grains_of
from blasto_annotator.sample.stage import Stage
from blasto_annotator.sample.volume import HALO_UM, Grid, embryo_bodies

SLAB_UM = 7.5
"""Thickness of a slab: half the distance between focal planes, about the depth of field."""
_MARGIN_UM = 8.0
"""Room between opposite edges of the picture, which meet in the filter."""
_ROUGHNESS = 0.07
"""Phase of the floor's fine roughness, radians."""


@dataclass(frozen=True)
class Scene:
    """What lies in the light's way."""

    slabs: dict[float, Image]
    """Phase slabs by height, each a little larger than the picture."""
    opacity: Image
    """Share of light (log) that the embryo swallows, [size, size]."""


def build_scene(plan: EmbryoPlan, stage: Stage, size: int, rng: np.random.Generator) -> Scene:
    """The scene of an embryo at a time, for a picture of `size` pixels a side."""
    pixel = FIELD_UM / size
    padded = scipy.fft.next_fast_len(size + round(_MARGIN_UM / pixel), real=True)
    middle = FLOOR_UM + stage.zona + stage.radius
    reach = stage.radius * 1.06 + stage.zona + HALO_UM
    first, last = np.floor(FLOOR_UM / SLAB_UM), (middle + reach) // SLAB_UM
    heights = SLAB_UM * np.arange(first, last + 1)
    centre = [FIELD_UM / 2 + w + c for w, c in zip(plan.well_centre, stage.centre, strict=True)]
    columns, rows = (_span(c, reach, pixel, size) for c in centre)
    x, y = (
        ((np.arange(s.start, s.stop) + 0.5) * pixel - c).astype(np.float32)
        for s, c in zip((columns, rows), centre, strict=True)
    )
    bodies = embryo_bodies(plan, stage, Grid(x, y, pixel, SLAB_UM), heights - middle, rng)
    slabs = {}
    for z, body in zip(heights, bodies.slabs, strict=True):
        slabs[float(z)] = np.zeros((padded, padded), np.float32)
        slabs[float(z)][rows, columns] = body
    _add_loose(plan, stage, slabs, size)
    opacity = np.zeros((size, size), np.float32)
    opacity[rows, columns] = bodies.opacity
    smooth = cv2.GaussianBlur(opacity, (0, 0), 1.5 / pixel)
    return Scene(slabs, np.asarray(smooth, np.float32))


def _span(centre: float, reach: float, pixel: float, size: int) -> slice:
    start, stop = int((centre - reach) / pixel), int((centre + reach) / pixel) + 1
    return slice(max(start, 0), min(stop, size))


def _add_loose(plan: EmbryoPlan, stage: Stage, slabs: dict[float, Image], size: int) -> None:
    pixel = FIELD_UM / size
    axis = (np.arange(size, dtype=np.float32) + 0.5) * pixel - FIELD_UM / 2
    away = np.hypot(axis[None, :] - plan.well_centre[0], axis[:, None] - plan.well_centre[1])
    rough = texture.window(texture.mottle(1.5, pixel), size, size, np.random.default_rng([plan.seed, 43]))
    floor = min(slabs, key=lambda z: abs(z - FLOOR_UM))
    slabs[floor][:size, :size] += _ROUGHNESS * rough * (away < plan.well_radius)
    for grain in grains_of(plan, stage):
        for z, slab in slabs.items():
            if abs(z - grain.z) < grain.radius + SLAB_UM / 2:
                add_grain(slab[:size, :size], grain, z, SLAB_UM)
