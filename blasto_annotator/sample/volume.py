"""The embryo as thin slabs of optical phase, stacked along the optical axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.sample import texture
from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.balls import BallField, ball_field, rounded_cells
from blasto_annotator.sample.embryo import EmbryoPlan
from blasto_annotator.sample.shell import ShellMap, cell_directions, shell_map
from blasto_annotator.sample.stage import Stage
from blasto_annotator.sample.warp import Warp

PHASE = 0.28
"""Phase of one micrometre of cytoplasm, radians."""
_MASS_LOSS = 0.0065
"""Share of light (log) lost by a micrometre of inner cell mass."""
_SLACK = {"A": 2.4, "B": 0.5, "C": 0.3}
"""How far inner cells press into one another, micrometres."""
_SEAM = {"A": 0.18, "B": 0.65, "C": 0.65}
"""How clearly the seams between cells show."""

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
    warp: Warp


@dataclass(frozen=True)
class _Surface:
    """One slab's view of the trophectoderm and the zona."""

    radius: Image
    """Distance from the embryo's centre, its outline evened out."""
    soft: Image
    """Depth of a spherical surface as seen along the optical axis, within one slab."""
    outer: Image
    """Signed distance to the cells' outer surface, negative inside."""
    lining: Image
    """Signed distance to the trophectoderm's inner surface, negative in its cells."""
    seam: Image
    """1 where two of its cells meet, else 0."""
    density: Image


@dataclass(frozen=True)
class Bodies:
    """The embryo's cells and zona."""

    slabs: list[Image]
    """Phase (radians) of each slab."""
    opacity: Image
    """Share of light (log) that is lost on the way through."""


def embryo_bodies(
    plan: EmbryoPlan, stage: Stage, grid: Grid, heights: NDArray[np.float64], rng: np.random.Generator
) -> Bodies:
    """The embryo in slabs whose middles lie at the heights, relative to the embryo's centre."""
    x, y = grid.x[None, :], grid.y[:, None]
    warp = Warp(x, y, np.random.default_rng([plan.seed, 13]))
    body = _Body(
        plan, stage, grid, shell_map(plan, stage, grid.pixel), np.hypot(x, y), np.arctan2(y, x), warp
    )
    cells = rounded_cells(plan, stage, cell_directions(plan, stage))
    balls = ball_field(cells, (heights.astype(np.float32), grid.y, grid.x))
    surfaces = [_surface(body, float(z)) for z in heights]
    slabs, opacity = [], np.zeros_like(body.across)
    loss = np.float32(grid.slab * plan.darkness * (1.0 + stage.cavity))
    mass_loss = np.float32(grid.slab * _MASS_LOSS * stage.gathered)
    cytoplasm = _cytoplasm(body, surfaces, balls)
    for surface, density, inner in zip(surfaces, cytoplasm, balls.first, strict=True):
        mass = inner < 0.0
        slabs.append(_phase(body, surface, density, mass, rng))
        opacity += density * np.where(mass, max(mass_loss, loss), loss)
    return Bodies(slabs, opacity.astype(np.float32))


def _surface(body: _Body, z: float) -> _Surface:
    stage, grid = body.stage, body.grid
    away = np.hypot(body.across, np.float32(z))
    colatitude = np.arctan2(body.across, np.float32(z))
    bend = np.float32(2.2 / stage.radius)
    thickness, border, density, outline = body.shell.at(
        body.longitude + bend * body.warp.at(z, 0), colatitude + bend * body.warp.at(z, 1)
    )
    bumps = body.warp.at(z, 2)
    radius = away / outline + np.float32(0.5) * bumps
    seam = np.exp(-((border / 1.2) ** 2))
    gap = np.float32(stage.gap) * np.maximum(0.6 + bumps, 0.0) + seam * np.float32(0.5 + 0.3 * stage.gap)
    outer = radius - (np.float32(stage.radius) - gap)
    soft = np.maximum(grid.pixel, grid.slab * abs(z) / np.maximum(away, 1.0))
    return _Surface(radius, soft, outer, -outer - thickness, seam, density)


def _below(distance: Image, soft: Image | float) -> Image:
    """Share of a voxel on the negative side of a surface at this signed distance."""
    share: Image = np.clip(0.5 - distance / soft, 0.0, 1.0)
    return share


def _cytoplasm(body: _Body, surfaces: list[_Surface], balls: BallField) -> Iterator[Image]:
    """Density of all cells, slab by slab: inside the nearest body, less where two bodies meet."""
    inner = balls.first - np.float32(_SLACK[body.plan.icm])
    clump = balls.second - balls.first
    first = [np.minimum(surface.lining, i) for surface, i in zip(surfaces, inner, strict=True)]
    between = [
        np.minimum(np.abs(surface.lining - i), np.where(i < surface.lining, c, np.float32(99.0)))
        for surface, i, c in zip(surfaces, inner, clump, strict=True)
    ]
    floor = body.grid.pixel
    depth = _SEAM[body.plan.icm]
    for k, surface in enumerate(surfaces):
        inside = _below(first[k], np.maximum(_change(first, k), floor))
        inside *= _below(surface.outer, surface.soft)
        width = np.sqrt(1.2 + (0.4 * _change(between, k)) ** 2)
        seam = np.exp(-((between[k] / width) ** 2)) * (1.1 / width)
        seam = np.maximum(seam, 0.7 * body.stage.gathered * surface.seam) * depth
        density = np.where(
            surface.lining < inner[k], surface.density, np.float32(1.1 + 0.15 * body.stage.gathered)
        )
        yield inside * density * (1.0 - seam)


def _change(slabs: list[Image], k: int) -> Image:
    """How much a distance changes through slab `k`: what a slanted surface blurs over."""
    below, above = slabs[max(k - 1, 0)], slabs[min(k + 1, len(slabs) - 1)]
    change: Image = np.minimum(0.5 * np.abs(above - below), 30.0)
    return change


def _phase(
    body: _Body, surface: _Surface, cytoplasm: Image, mass: NDArray[np.bool_], rng: np.random.Generator
) -> Image:
    grain = _grain(body, mass, rng)
    phase: Image = (cytoplasm * grain + _zona(body, surface, rng)) * np.float32(PHASE * body.grid.slab)
    return phase


def _grain(body: _Body, mass: NDArray[np.bool_], rng: np.random.Generator) -> Image:
    """Cytoplasm is granular: organelles in drifts, and a mottling that is strongest in the cell mass."""
    pixel, strength = body.grid.pixel, np.float32(body.plan.granularity)
    height, width = mass.shape
    fine = texture.window(texture.granules(1.6, 2.6, pixel), height, width, rng)
    dust = texture.window(texture.mottle(1.5, pixel), height, width, rng)
    drift = np.maximum(texture.window(texture.mottle(14.0, pixel), height, width, rng), -0.8)
    broad = texture.window(texture.mottle(5.0, pixel), height, width, rng)
    dense = np.where(mass, np.float32(0.07 + 0.09 * body.stage.gathered), np.float32(0.07))
    grain: Image = 1.0 + strength * (0.055 * fine * (0.8 + 0.6 * drift) + 0.06 * dust + dense * broad)
    return grain


def _zona(body: _Body, surface: _Surface, rng: np.random.Generator) -> Image:
    """A clear wall that fades outwards into a granular, ill-defined coat."""
    stage, pixel = body.stage, body.grid.pixel
    height, width = surface.radius.shape
    fine = texture.window(texture.granules(1.2, 1.8, pixel), height, width, rng)
    broad = texture.window(texture.mottle(9.0, pixel), height, width, rng)
    depth = surface.radius - stage.radius
    outside = _below(-depth, surface.soft)
    wall = _below(depth - stage.zona * (0.8 + 0.12 * broad), surface.soft + 1.1 * stage.zona)
    halo = _below(depth - stage.zona - 0.3 * HALO_UM, surface.soft + HALO_UM)
    zona: Image = outside * (wall * (0.36 + 0.014 * fine) + halo * 0.015 * fine)
    return zona
