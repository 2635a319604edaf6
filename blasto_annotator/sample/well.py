"""The microwell around the embryo: grey floor, bright crescent of its wall, machined rings, darkness below.

Measured on real EmbryoScope frames: the wall's image is a thin line where the floor is in focus and a band
of about 30 um at the highest plane; it is brightest at the top and right and absent below.
"""

from __future__ import annotations

import numpy as np

from blasto_annotator.sample import texture
from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan

FLOOR_UM = -50.0
"""Height of the well's floor."""


def well_image(plan: EmbryoPlan, plane_um: float, size: int) -> Image:
    """Grey levels (0 to about 320, not clipped) of the empty well at a focal plane, [size, size]."""
    pixel = FIELD_UM / size
    axis = (np.arange(size, dtype=np.float32) + 0.5) * pixel - FIELD_UM / 2
    x, y = axis[None, :] - plan.well_centre[0], axis[:, None] - plan.well_centre[1]
    rng = np.random.default_rng([plan.seed, 31])
    turn = np.arctan2(y, x)
    wobble = 0.5 * np.sin(2 * turn + rng.uniform(0, 6)) + 0.3 * np.sin(3 * turn + rng.uniform(0, 6))
    away = np.hypot(x, y) + wobble
    rise = np.float32(max(plane_um - FLOOR_UM, 0.0))
    outside = _plate(plan, away, turn, axis, rise)
    floor = plan.brightness * (1.0 + 0.03 * y / plan.well_radius)
    edge = 0.5 + 0.045 * rise * (1.0 + 0.5 * np.cos(turn - 2.6))
    inside = _step((plan.well_radius - away) / edge)
    return outside * (1.0 - inside) + floor * inside + _wall(plan, away, turn, rise)


def _step(distance: Image) -> Image:
    step: Image = 0.5 + 0.5 * np.tanh(distance)
    return step


def _lit(turn: Image, middle: float, width: float) -> Image:
    """Share of light by angle: bright around `middle`, dark beyond `width`."""
    apart = np.abs((turn - middle + np.pi) % (2.0 * np.pi) - np.pi)
    return _step((width - apart) / 0.16)


def _wall(plan: EmbryoPlan, away: Image, turn: Image, rise: np.float32) -> Image:
    """The bright band: from the floor's edge inwards, wider and softer as the plane rises."""
    rng = np.random.default_rng([plan.seed, 32])
    lean = float(rng.normal(-1.25, 0.3))
    share = 0.72 + 0.28 * np.cos(turn - lean)
    width = 0.6 + 0.33 * rise * share
    soft_in, soft_out = 0.5 + 0.035 * rise, 0.6 + 0.05 * rise
    outer = plan.well_radius + 0.03 * rise
    band = _step((away - outer + width) / soft_in) * _step((outer - away) / soft_out)
    light = _lit(turn, -np.pi / 2 + 0.03, 1.72) * (0.30 + 0.70 * _lit(turn, lean, 1.25))
    wall: Image = (
        band
        * light
        * np.float32(rng.uniform(170.0, 240.0))
        * (0.35 + 0.65 * float(np.clip((rise - 4.0) / 28.0, 0.0, 1.0)))
    )
    return wall


def _plate(plan: EmbryoPlan, away: Image, turn: Image, axis: Image, rise: np.float32) -> Image:
    """The machined plate above, fading into darkness below the well's middle."""
    rng = np.random.default_rng([plan.seed, 33])
    size = len(axis)
    beyond = away - plan.well_radius
    wave = texture.mottle(40.0, FIELD_UM / size, 5)[:size, :size] if size <= texture.TILE else np.float32(0.0)
    reach = beyond + 2.2 * wave + 4.0 * np.sin(turn * 2 + rng.uniform(0, 6))
    rings = np.zeros_like(away)
    for spacing, strength in ((4.1, 0.05), (6.3, 0.06), (9.7, 0.07), (15.0, 0.06)):
        rings += strength * np.sin(2 * np.pi * reach / spacing + rng.uniform(0, 6))
    height = -(axis[:, None] - plan.well_centre[1]) / plan.well_radius
    light = _step((height + 0.06) / 0.10) * (0.46 + 0.30 * np.clip(height, 0, 1))
    falloff = np.clip(1.0 - beyond / 260.0, 0.2, 1.0)
    plate: Image = plan.brightness * light * falloff * (1.0 + rings * np.float32(0.6 + 0.006 * rise)) + 2.0
    return plate
