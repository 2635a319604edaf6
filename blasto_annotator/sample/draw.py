"""Draws a frame of an embryo as a time-lapse incubator's microscope shows it.

Stages from the morula to the expanded blastocyst are drawn; an embryo past hatching keeps expanding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blasto_annotator.sample.arrays import Frame, Image
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan
from blasto_annotator.sample.optics import focus_stack
from blasto_annotator.sample.scene import build_scene
from blasto_annotator.sample.stage import stage_at
from blasto_annotator.sample.well import well_images

PLANES_UM = (-45, -30, -15, 0, 15, 30, 45)
"""Heights of the seven focal planes."""

_BRIGHTEST, _DARKEST = 0.75, 1.0
"""Where relief saturates, in factors of e."""


def draw_frame(plan: EmbryoPlan, hpi: float, plane_um: float = 0.0, size: int = 500) -> Frame:
    """One frame: [size, size] grey levels. The same arguments give the same picture."""
    return draw_stack(plan, hpi, (plane_um,), size)[0]


def draw_stack(
    plan: EmbryoPlan, hpi: float, planes: Sequence[float] = PLANES_UM, size: int = 500
) -> list[Frame]:
    """The frames of one moment at several focal planes, which share the scene."""
    scene = build_scene(plan, stage_at(plan, hpi), size, _rng(plan, hpi, 41))
    heights = tuple(float(plane) for plane in planes)
    changes = focus_stack(scene.slabs, heights, FIELD_UM / size)
    passed = np.exp(-scene.opacity)
    wells = [well * passed for well in well_images(plan, heights, size)]
    return [
        _exposed(well, change[:size, :size], _rng(plan, hpi, 1000 + round(plane)))
        for plane, well, change in zip(planes, wells, changes, strict=True)
    ]


def _rng(plan: EmbryoPlan, hpi: float, purpose: int) -> np.random.Generator:
    return np.random.default_rng([plan.seed, purpose, round(hpi * 100)])


def _exposed(well: Image, change: Image, rng: np.random.Generator) -> Frame:
    """Light on the sensor: relief modulates the well's light; then noise and eight bits."""
    limit = np.where(change > 0.0, np.float32(_BRIGHTEST), np.float32(_DARKEST))
    light = well * np.exp(limit * np.tanh(change / limit))
    noise = rng.standard_normal(light.shape, np.float32) * (0.8 + 0.06 * np.sqrt(np.maximum(light, 0.0)))
    frame: Frame = np.clip(light + noise + 0.5, 0.0, 255.0).astype(np.uint8)
    return frame
