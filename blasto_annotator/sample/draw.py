"""Draws a frame of an embryo as a time-lapse incubator's microscope shows it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blasto_annotator.sample import texture
from blasto_annotator.sample.arrays import Frame, Image
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan
from blasto_annotator.sample.optics import focus_stack
from blasto_annotator.sample.stage import Stage, stage_at
from blasto_annotator.sample.volume import HALO_UM, Grid, embryo_slabs
from blasto_annotator.sample.well import FLOOR_UM, well_image

PLANES_UM = (-45, -30, -15, 0, 15, 30, 45)
"""Heights of the seven focal planes."""

_SLAB_UM = 5.0
_MARGIN_UM = 8.0


def draw_frame(plan: EmbryoPlan, hpi: float, plane_um: float = 0.0, size: int = 500) -> Frame:
    """One frame: [size, size] grey levels. The same arguments give the same picture."""
    return draw_stack(plan, hpi, (plane_um,), size)[0]


def draw_stack(
    plan: EmbryoPlan, hpi: float, planes: Sequence[float] = PLANES_UM, size: int = 500
) -> list[Frame]:
    """The frames of one moment at several focal planes, which share the scene."""
    stage = stage_at(plan, hpi)
    light = focus_stack(_scene(plan, stage, size), tuple(float(p) for p in planes), FIELD_UM / size)
    return [
        _exposed(well_image(plan, plane, size), change[:size, :size], _rng(plan, hpi, 90 + i))
        for i, (plane, change) in enumerate(zip(planes, light, strict=True))
    ]


def _rng(plan: EmbryoPlan, hpi: float, purpose: int) -> np.random.Generator:
    return np.random.default_rng([plan.seed, purpose, round(hpi * 100)])


def _scene(plan: EmbryoPlan, stage: Stage, size: int) -> dict[float, Image]:
    """Phase slabs by height: the embryo standing on the well's floor, and the floor's debris."""
    pixel = FIELD_UM / size
    padded = size + round(_MARGIN_UM / pixel) + (size + round(_MARGIN_UM / pixel)) % 2
    middle = FLOOR_UM + stage.zona + stage.radius
    reach = stage.radius * 1.06 + stage.zona + HALO_UM
    heights = _SLAB_UM * np.arange(np.ceil((middle - reach) / _SLAB_UM), (middle + reach) // _SLAB_UM + 1)
    centre = [FIELD_UM / 2 + w + c for w, c in zip(plan.well_centre, stage.centre, strict=True)]
    spans = [_span(c, reach, pixel, size) for c in centre]
    x, y = (
        ((np.arange(*s) + 0.5) * pixel - c).astype(np.float32) for s, c in zip(spans, centre, strict=True)
    )
    grid = Grid(x, y, pixel, _SLAB_UM)
    rng = _rng(plan, stage.hpi, 41)
    slabs = {}
    for z, slab in zip(heights, embryo_slabs(plan, stage, grid, heights - middle, rng), strict=True):
        slabs[float(z)] = np.zeros((padded, padded), np.float32)
        slabs[float(z)][slice(*spans[1]), slice(*spans[0])] = slab
    floor = slabs.setdefault(FLOOR_UM, np.zeros((padded, padded), np.float32))
    floor[:size, :size] += _debris(plan, size)
    return slabs


def _span(centre: float, reach: float, pixel: float, size: int) -> tuple[int, int]:
    start, stop = int((centre - reach) / pixel), int((centre + reach) / pixel) + 1
    return max(start, 0), min(stop, size)


def _debris(plan: EmbryoPlan, size: int) -> Image:
    """Grains on the floor of the well, and the floor's own fine roughness."""
    pixel = FIELD_UM / size
    rng = np.random.default_rng([plan.seed, 42])
    axis = (np.arange(size, dtype=np.float32) + 0.5) * pixel - FIELD_UM / 2
    x, y = axis[None, :] - plan.well_centre[0], axis[:, None] - plan.well_centre[1]
    rough = np.resize(texture.mottle(1.5, pixel, 7), (size, size)) * np.float32(0.04)
    for _ in range(plan.debris):
        turn, away = rng.uniform(0, 2 * np.pi), plan.well_radius * 0.95 * np.sqrt(rng.random())
        radius, lean = rng.uniform(0.5, 1.6), rng.uniform(0.5, 1.5)
        gx, gy = x - away * np.cos(turn), y - away * np.sin(turn)
        rough += np.exp(-((gx * lean) ** 2 + (gy / lean) ** 2) / radius**2) * np.float32(
            rng.uniform(0.5, 2.0)
        )
    inside: Image = rough * (np.hypot(x, y) < plan.well_radius)
    return inside


def _exposed(well: Image, change: Image, rng: np.random.Generator) -> Frame:
    """Light on the sensor: relief modulates the well's light; then gain, noise and eight bits."""
    relief = 0.9 * np.tanh(change / 0.9)
    light = well * (1.0 + relief)
    noise = rng.standard_normal(light.shape, np.float32) * (0.8 + 0.06 * np.sqrt(np.maximum(light, 0.0)))
    frame: Frame = np.clip(light + noise + 0.5, 0.0, 255.0).astype(np.uint8)
    return frame
