"""Small things that lie about: grains and clumps on the well's floor, particles on the zona, lost cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.embryo import FIELD_UM, EmbryoPlan
from blasto_annotator.sample.stage import Stage

FLOOR_UM = -50.0
"""Height of the well's floor."""


@dataclass(frozen=True)
class Grain:
    """An oval body. Lengths in micrometres; x and y from the field's middle, z from the middle plane."""

    x: float
    y: float
    z: float
    radius: float
    lean: float
    """Width over height; 1 is round."""
    phase: float
    """Phase of one micrometre, radians."""


def grains_of(plan: EmbryoPlan, stage: Stage) -> list[Grain]:
    """Everything loose in an embryo's well at a time."""
    rng = np.random.default_rng([plan.seed, 42])
    floor = [*_scattered(plan, rng), *_clumps(plan, rng)]
    beside = [*_on_zona(plan, stage, rng), *_lost_cells(plan, stage, rng)]
    return [*floor, *beside, *_fragments(plan, stage, rng)]


def add_grain(slab: Image, grain: Grain, z: float, thickness: float) -> None:
    """Adds what a slab of this thickness at height z holds of the grain; the slab spans the field."""
    pixel = FIELD_UM / slab.shape[0]
    reach = 1.4 * grain.radius * max(grain.lean, 1.0 / grain.lean) + 2.0 * pixel
    ends = [[(c + FIELD_UM / 2 + side) / pixel for side in (-reach, reach)] for c in (grain.y, grain.x)]
    rows, columns = (slice(max(int(start), 0), max(int(stop), 0)) for start, stop in ends)
    part = slab[rows, columns]
    if part.size == 0:
        return
    y = (np.arange(rows.start, rows.start + part.shape[0]) + 0.5) * pixel - FIELD_UM / 2 - grain.y
    x = (np.arange(columns.start, columns.start + part.shape[1]) + 0.5) * pixel - FIELD_UM / 2 - grain.x
    across = (x[None, :] / grain.lean) ** 2 + (y[:, None] * grain.lean) ** 2
    half = np.sqrt(np.maximum(grain.radius**2 - across, 0.0))
    low, high = z - thickness / 2 - grain.z, z + thickness / 2 - grain.z
    inside = np.clip(np.minimum(half, high) - np.maximum(-half, low), 0.0, None)
    part += (grain.phase * inside).astype(np.float32)


def _scattered(plan: EmbryoPlan, rng: np.random.Generator) -> Iterator[Grain]:
    for _ in range(plan.debris):
        x, y = _on_floor(plan, rng)
        radius = float(rng.gamma(3.0, 0.32)) + 0.4
        yield Grain(x, y, FLOOR_UM + radius, radius, rng.uniform(0.6, 1.7), rng.uniform(0.2, 0.9))


def _clumps(plan: EmbryoPlan, rng: np.random.Generator) -> Iterator[Grain]:
    """A few wells hold clumps of dead material."""
    for _ in range(rng.choice([0, 0, 1, 2])):
        x, y = _on_floor(plan, rng)
        for _ in range(rng.integers(6, 26)):
            radius = rng.uniform(0.8, 2.0)
            dx, dy = rng.normal(0.0, 4.0, 2)
            lean, phase = rng.uniform(0.6, 1.7), rng.uniform(0.3, 0.8)
            yield Grain(x + dx, y + dy, FLOOR_UM + radius, radius, lean, phase)


def _on_floor(plan: EmbryoPlan, rng: np.random.Generator) -> tuple[float, float]:
    turn, away = rng.uniform(0.0, 2.0 * np.pi), plan.well_radius * 0.95 * np.sqrt(rng.random())
    return plan.well_centre[0] + away * np.cos(turn), plan.well_centre[1] + away * np.sin(turn)


def _on_zona(plan: EmbryoPlan, stage: Stage, rng: np.random.Generator) -> Iterator[Grain]:
    """Particles that stick to the zona's outside."""
    for _ in range(rng.integers(8, 40)):
        x, y, z = _outside(plan, stage, rng, stage.zona * rng.uniform(0.8, 1.5) + rng.exponential(1.5))
        yield Grain(x, y, z, rng.uniform(0.7, 1.9), rng.uniform(0.7, 1.4), rng.uniform(0.2, 0.6))


def _lost_cells(plan: EmbryoPlan, stage: Stage, rng: np.random.Generator) -> Iterator[Grain]:
    """Blebs that lie beside the embryo, outside the zona."""
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        radius = rng.uniform(3.5, 8.0)
        x, y, z = _outside(plan, stage, rng, stage.zona + radius)
        for share, dx in ((1.0, 0.0), (0.45, rng.uniform(-0.4, 0.4) * radius)):
            lean, phase = rng.uniform(0.9, 1.1), rng.uniform(0.08, 0.16)
            yield Grain(x + dx, y + 0.5 * dx, z, radius * share, lean, phase)


def _fragments(plan: EmbryoPlan, stage: Stage, rng: np.random.Generator) -> Iterator[Grain]:
    """Bits of cytoplasm between zona and cells and in the cavity: many in a poor embryo."""
    for _ in range(plan.fragments):
        radius = float(np.clip(rng.gamma(4.0, 0.8), 1.2, 6.5))
        x, y, z = _outside(plan, stage, rng, -radius - stage.radius * rng.beta(1.0, 6.0))
        yield Grain(x, y, z, radius, rng.uniform(0.8, 1.25), rng.uniform(0.15, 0.4))


def _outside(
    plan: EmbryoPlan, stage: Stage, rng: np.random.Generator, distance: float
) -> tuple[float, float, float]:
    """A place at a distance from the zona's inner wall, more often near the embryo's equator."""
    turn = rng.uniform(0.0, 2.0 * np.pi) + stage.turn
    height = float(np.clip(rng.normal(0.0, 0.4), -0.95, 0.95))
    away = (stage.radius + distance) * np.sqrt(1.0 - height**2)
    x = plan.well_centre[0] + stage.centre[0] + away * np.cos(turn)
    y = plan.well_centre[1] + stage.centre[1] + away * np.sin(turn)
    z = FLOOR_UM + stage.zona + stage.radius + (stage.radius + distance) * height
    return float(x), float(y), max(float(z), FLOOR_UM)
