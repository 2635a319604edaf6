"""The embryo as thin slabs of optical phase, stacked along the optical axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.sample import texture
from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.balls import BallField, ball_field, inner_cells
from blasto_annotator.sample.embryo import EmbryoPlan
from blasto_annotator.sample.shell import ShellMap, shell_map
from blasto_annotator.sample.stage import Stage

HALO_UM = 9.0
"""How far granules reach beyond the zona."""


@dataclass(frozen=True)
class Grid:
    """The square of pixels that holds the embryo, in micrometres from the embryo's centre."""

    x: Image
    y: Image
    pixel: float
    """Micrometres a pixel."""
    slab: float
    """Thickness of a slab in micrometres."""


@dataclass(frozen=True)
class _Body:
    """All that the slabs of one embryo share."""

    plan: EmbryoPlan
    stage: Stage
    grid: Grid
    shell: ShellMap
    across: Image
    """Distance from the optical axis through the embryo's centre."""
    longitude: Image


def embryo_slabs(
    plan: EmbryoPlan, stage: Stage, grid: Grid, heights: NDArray[np.float64], rng: np.random.Generator
) -> list[Image]:
    """Phase (radians) of the slabs whose middles lie at the heights, relative to the embryo's centre."""
    x, y = grid.x[None, :], grid.y[:, None]
    body = _Body(plan, stage, grid, shell_map(plan, stage), np.hypot(x, y), np.arctan2(y, x))
    balls = ball_field(inner_cells(plan, stage), (heights.astype(np.float32), grid.y, grid.x))
    layers = (BallField(*layer) for layer in zip(balls.first, balls.second, balls.facing, strict=True))
    return [_slab(body, float(z), layer, rng) for z, layer in zip(heights, layers, strict=True)]


def _slab(body: _Body, z: float, balls: BallField, rng: np.random.Generator) -> Image:
    stage, grid = body.stage, body.grid
    away = np.hypot(body.across, np.float32(z))
    colatitude = np.arctan2(body.across, np.float32(z))
    thickness, border, density, outline = body.shell.at(body.longitude, colatitude)
    radius = away / outline
    soft = np.maximum(grid.pixel, grid.slab * abs(z) / np.maximum(away, 1.0))
    cells = _trophectoderm(stage, radius, soft, thickness, border) * density
    inner = _inner(body.plan, balls, grid) * _below(radius - (stage.radius - stage.gap), soft)
    cytoplasm = cells + inner * (1.0 - np.minimum(cells, 1.0))
    grain = _grain(body, cytoplasm.shape, rng)
    zona = _zona(body, radius, soft, rng)
    phase: Image = (cytoplasm * grain + zona) * np.float32(0.25 * grid.slab)
    return phase


def _below(distance: Image, soft: Image) -> Image:
    """Share of a voxel on the negative side of a surface at this signed distance."""
    share: Image = np.clip(0.5 - distance / soft, 0.0, 1.0)
    return share


def _trophectoderm(stage: Stage, radius: Image, soft: Image, thickness: Image, border: Image) -> Image:
    notch = np.exp(-((border / 1.5) ** 2))
    outer = stage.radius - stage.gap - notch * (0.6 + 0.3 * stage.gap)
    inside = _below(radius - outer, soft) * _below(outer - thickness - radius, soft)
    seam: Image = inside * (1.0 - 0.5 * notch)
    return seam


def _inner(plan: EmbryoPlan, balls: BallField, grid: Grid) -> Image:
    """Inner cells: tight ones (grade A) hardly show the seams between them."""
    soft = np.maximum(grid.pixel, grid.slab * balls.facing)
    slack = {"A": 1.8, "B": 0.4, "C": 0.2}[plan.icm]
    seam = {"A": 0.35, "B": 0.6, "C": 0.6}[plan.icm]
    gap = np.exp(-(((balls.second - balls.first) / 1.1) ** 2))
    inside: Image = _below(balls.first - slack, soft) * (1.0 - seam * gap) * 1.1
    return inside


def _grain(body: _Body, shape: tuple[int, ...], rng: np.random.Generator) -> Image:
    """Cytoplasm is granular: fine organelles, some larger granules and a faint mottling."""
    pixel, strength = body.grid.pixel, np.float32(body.plan.granularity)
    height, width = shape
    fine = texture.window(texture.granules(1.6, 3.4, pixel), height, width, rng)
    broad = texture.window(texture.mottle(5.0, pixel), height, width, rng)
    grain: Image = 1.0 + strength * (0.16 * fine + 0.08 * broad)
    return grain


def _zona(body: _Body, radius: Image, soft: Image, rng: np.random.Generator) -> Image:
    """A thin clear wall with a granular, ill-defined outside."""
    stage, pixel = body.stage, body.grid.pixel
    height, width = radius.shape
    fine = texture.window(texture.granules(1.4, 2.6, pixel), height, width, rng)
    broad = texture.window(texture.mottle(9.0, pixel), height, width, rng)
    outer = stage.radius + stage.zona * (1.0 + 0.10 * broad)
    wall = _below(radius - outer, soft + 2.0) * _below(stage.radius - radius, soft)
    halo = _below(radius - outer - 0.5 * HALO_UM, soft + HALO_UM) * _below(stage.radius - radius, soft)
    zona: Image = wall * (0.20 + 0.07 * fine) + halo * 0.04 * fine
    return zona
