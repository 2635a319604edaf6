"""The microwell around the embryo: grey floor, bright crescent of its wall, machined rings, darkness below.

Measured on real EmbryoScope frames: the wall's image is a thin line where the floor is in focus and a band
of about 25 um at the highest plane; it is brightest at the top and right and absent below.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan
from blasto_annotator.sample.grains import FLOOR_UM

_RING_UM = 0.6
_RINGS, _ARCS = 512, 256
"""Entries of the table of tool marks along the radius (every 0.6 um) and round the circle."""
_RING_LAYERS = ((0.12, 0.8), (0.10, 0.5))
"""Strength and coarseness of the layers of tool marks."""


@dataclass(frozen=True)
class _Layer:
    """One layer of tool marks: a table over angle and radius, and where each pixel looks into it."""

    marks: Image
    columns: Image
    rows: Image
    strength: float
    coarseness: float


@dataclass(frozen=True)
class _Well:
    """What all focal planes of a well share; lengths in micrometres."""

    plan: EmbryoPlan
    away: Image
    """Distance from the well's middle, a little uneven."""
    turn: Image
    """Angle about the well's middle; -pi / 2 is up."""
    down: Image
    """How far below the well's middle, in radii."""
    layers: tuple[_Layer, ...]


@lru_cache(maxsize=3)
def well_images(plan: EmbryoPlan, planes_um: tuple[float, ...], size: int) -> tuple[Image, ...]:
    """Grey levels (0 to about 350, not clipped) of the empty well at each focal plane, [size, size].

    A well keeps its look through a sequence, so the last few are kept. Not to be written to.
    """
    pixel = FIELD_UM / size
    axis = (np.arange(size, dtype=np.float32) + 0.5) * np.float32(pixel) - np.float32(FIELD_UM / 2)
    x, y = axis[None, :] - np.float32(plan.well_centre[0]), axis[:, None] - np.float32(plan.well_centre[1])
    rng = np.random.default_rng([plan.seed, 31])
    turn = np.arctan2(y, x)
    uneven = sum(rng.normal(0.0, 0.5 / k) * np.sin(k * turn + rng.uniform(0.0, 6.3)) for k in (1, 2, 3))
    away = (np.hypot(x, y) + uneven).astype(np.float32)
    layers = tuple(_layer(x, y, turn, rng, *sort) for sort in _RING_LAYERS)
    well = _Well(plan, away, turn, y / np.float32(plan.well_radius), layers)
    return tuple(_at_plane(well, max(plane - FLOOR_UM, 0.0)) for plane in planes_um)


def _at_plane(well: _Well, rise: float) -> Image:
    """The well with the focal plane `rise` above its floor."""
    plan = well.plan
    floor = plan.brightness * (1.0 + 0.03 * well.down)
    edge = 0.5 + 0.045 * rise * (1.0 + 0.5 * np.cos(well.turn - 2.6))
    inside = _step((plan.well_radius - well.away) / edge)
    light = _plate(well, rise) * (1.0 - inside) + floor * inside + _wall(well, rise)
    return light.astype(np.float32)


def _step(distance: Image) -> Image:
    step: Image = 0.5 + 0.5 * np.tanh(distance)
    return step


def _lit(turn: Image, middle: float, width: float) -> Image:
    """Share of light by angle: bright around `middle`, dark beyond `width`."""
    apart = np.abs((turn - middle + np.pi) % (2.0 * np.pi) - np.pi)
    return _step((width - apart) / 0.3)


def _wall(well: _Well, rise: float) -> Image:
    """The bright band: from the floor's edge inwards, wider and softer as the plane rises."""
    rng = np.random.default_rng([well.plan.seed, 32])
    lean, strength = float(rng.normal(-1.25, 0.35)), float(rng.uniform(150.0, 230.0))
    width_gain = float(rng.uniform(0.26, 0.36))
    share = 0.72 + 0.28 * np.cos(well.turn - lean)
    width = 0.8 + width_gain * max(rise - 16.0, 0.0) * share
    outer = well.plan.well_radius - 0.02 * rise
    band = _step((well.away - outer + width) / (0.5 + 0.028 * rise))
    band = band * _step((outer - well.away) / (0.5 + 0.04 * rise))
    light = _lit(well.turn, -np.pi / 2 + 0.03, 1.72) * (0.26 + 0.74 * _lit(well.turn, lean, 1.2))
    gain = strength * (0.35 + 0.65 * float(np.clip((rise - 4.0) / 28.0, 0.0, 1.0)))
    wall: Image = band * light * gain
    return wall


def _plate(well: _Well, rise: float) -> Image:
    """The machined plate above, fading into darkness below the well's middle."""
    light = _step((0.06 - well.down) / 0.09) * (0.38 + 0.45 * np.clip(-well.down, 0.0, 1.0))
    falloff = np.clip(1.0 - (well.away - well.plan.well_radius) / 300.0, 0.2, 1.0)
    plate: Image = well.plan.brightness * light * falloff * (1.0 + _rings(well.layers, rise)) + 2.0
    return plate


def _layer(
    x: Image, y: Image, turn: Image, rng: np.random.Generator, strength: float, coarseness: float
) -> _Layer:
    """Marks of the turning tool: broken arcs about a point near the well's middle."""
    dx, dy = rng.normal(0.0, 9.0, 2).astype(np.float32)
    sway = sum(rng.normal(0.0, 2.0 / k) * np.sin(k * turn + rng.uniform(0.0, 6.3)) for k in (2, 3, 5, 8))
    columns = ((np.hypot(x - dx, y - dy) + sway) / _RING_UM).astype(np.float32)
    rows = (np.arctan2(y - dy, x - dx) / (2.0 * np.pi) % 1.0 * _ARCS).astype(np.float32)
    white = rng.standard_normal((_ARCS, _RINGS)) + 0.25 * rng.standard_normal((1, _RINGS))
    marks = gaussian_filter1d(white, 14.0, axis=0, mode="wrap").astype(np.float32)
    return _Layer(marks, columns, rows, strength, coarseness)


def _rings(layers: tuple[_Layer, ...], rise: float) -> Image:
    """Tool marks, softer where out of focus."""
    rings = np.zeros_like(layers[0].rows)
    for layer in layers:
        scale = layer.coarseness * (0.9 + 0.020 * rise) / _RING_UM
        marks = gaussian_filter1d(layer.marks, scale, axis=1)
        marks = marks - 0.9 * gaussian_filter1d(layer.marks, 2.5 * scale, axis=1)
        marks *= layer.strength / marks.std()
        rings += cv2.remap(marks, layer.columns, layer.rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return rings
