"""The trophectoderm as a map over directions: one epithelium of cells around the embryo's centre.

Each direction belongs to the nearest cell (a weighted Voronoi diagram on the sphere). The map gives the
cell's thickness there (domes that meet in cusps), the distance to its border and its density.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.embryo import EmbryoPlan
from blasto_annotator.sample.stage import Stage

_WEIGHT = {"A": 0.006, "B": 0.020, "C": 0.05}
"""Spread of the cells' areas (additive weights of the Voronoi diagram)."""
_EDGE = {"A": 0.22, "B": 0.16, "C": 0.08}
"""Thickness at a cell's border, of its middle."""


@dataclass(frozen=True)
class ShellMap:
    """[rows, 2 * rows, 4] over colatitude and longitude: thickness and border distance in micrometres,
    density, and the outline's radius as a multiple of the embryo's."""

    values: Image

    def at(self, longitude: Image, colatitude: Image) -> tuple[Image, Image, Image, Image]:
        """Thickness, border distance, density and outline in the given directions (radians)."""
        count = self.values.shape[0]
        columns = (longitude / (2.0 * np.pi) % 1.0 * (2 * count) - 0.5).astype(np.float32)
        rows = np.clip(colatitude / np.pi * count - 0.5, 0.0, count - 1.0).astype(np.float32)
        read = cv2.remap(self.values, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        found: Image = np.asarray(read, np.float32)
        return found[..., 0], found[..., 1], found[..., 2], found[..., 3]


def shell_map(plan: EmbryoPlan, stage: Stage, pixel: float) -> ShellMap:
    """The trophectoderm of an embryo at a time, as finely as pixels of this size (micrometres) can show."""
    rng = np.random.default_rng([plan.seed, 11])
    cells = cell_directions(plan, stage)
    weights = rng.normal(0.0, _WEIGHT[plan.te], plan.te_cells)[: stage.te_cells]
    swell = np.exp(rng.normal(0.0, plan.te_unevenness, plan.te_cells))[: stage.te_cells]
    density = 1.0 + rng.normal(0.0, 0.12, plan.te_cells)[: stage.te_cells]
    directions = _directions(int(np.clip(150.0 / pixel, 64, 256)))
    nearest, border, away = _voronoi(directions, cells, weights, stage.radius)
    thickness = _domes(plan, stage, nearest, border, swell)
    inside = _nuclei(away, stage)
    outline = _outline(directions, np.random.default_rng([plan.seed, 12]), stage.turn)
    layers = (thickness, border, density[nearest] * (1.0 - 0.28 * inside), outline)
    return ShellMap(np.stack(layers, axis=-1).astype(np.float32))


def cell_directions(plan: EmbryoPlan, stage: Stage) -> Image:
    """Unit vectors [cells, 3] from the embryo's centre to the trophectoderm's cells."""
    rng = np.random.default_rng([plan.seed, 10])
    return _turn(_spread(plan.te_cells, rng), stage.turn)[: stage.te_cells]


def _directions(rows: int) -> Image:
    """Unit vectors [rows, 2 * rows, 3] at the middle of each entry of the map."""
    colatitude = (np.arange(rows) + 0.5) / rows * np.pi
    longitude = (np.arange(2 * rows) + 0.5) / rows * np.pi
    sine = np.sin(colatitude)[:, None]
    grid = np.stack(
        (
            sine * np.cos(longitude)[None, :],
            sine * np.sin(longitude)[None, :],
            np.broadcast_to(np.cos(colatitude)[:, None], (rows, 2 * rows)),
        ),
        axis=-1,
    )
    return grid.astype(np.float32)


def _spread(count: int, rng: np.random.Generator) -> Image:
    """Directions of the cells, ordered so that every prefix covers the sphere (cells divide over time)."""
    candidates = rng.standard_normal((count * 12, 3))
    candidates /= np.linalg.norm(candidates, axis=1, keepdims=True)
    order = [0]
    nearest = candidates @ candidates[0]
    for _ in range(count - 1):
        following = int(np.argmin(nearest + rng.uniform(0.0, 0.06, len(nearest))))
        order.append(following)
        nearest = np.maximum(nearest, candidates @ candidates[following])
    return candidates[order].astype(np.float32)


def _turn(vectors: Image, angle: float) -> Image:
    """Rotation about the optical axis."""
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]], np.float32)
    turned: Image = vectors @ matrix.T
    return turned


def _voronoi(
    directions: Image, cells: Image, weights: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.intp], Image, Image]:
    """For each direction: its cell, the distance to that cell's border, the distance to its middle."""
    shape = directions.shape[:2]
    score = directions.reshape(-1, 3) @ cells.T + weights[None, :].astype(np.float32)
    rows = np.arange(len(score))
    nearest = np.argmax(score, axis=1)
    best = score[rows, nearest]
    score[rows, nearest] = -9.0
    second = np.argmax(score, axis=1)
    apart = np.linalg.norm(cells[nearest] - cells[second], axis=1)
    border = radius * (best - score[rows, second]) / np.maximum(apart, 0.05)
    away = radius * np.arccos(np.clip(best - weights[nearest], -1.0, 1.0))
    return nearest.reshape(shape), border.reshape(shape), away.reshape(shape).astype(np.float32)


def _domes(
    plan: EmbryoPlan, stage: Stage, nearest: NDArray[np.intp], border: Image, swell: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Thickness in micrometres: convex cells that are thinnest where they meet; small cells bulge more."""
    middle = np.full(len(swell), 1.0)
    np.maximum.at(middle, nearest.ravel(), border.ravel())
    along = np.clip(border / (0.9 * middle[nearest]), 0.0, 1.0)
    dome = np.sqrt(1.0 - (1.0 - along) ** 2)
    edge = _EDGE[plan.te] * stage.gathered
    bulge = swell * np.clip(np.median(middle) / middle, 0.6, 1.6)
    thickness = 2.0 * stage.te_thickness * stage.gathered * bulge[nearest] * (edge + (1.0 - edge) * dome)
    limited: NDArray[np.float64] = np.minimum(thickness, 0.95 * middle[nearest])
    return limited


def _nuclei(away: Image, stage: Stage) -> Image:
    radius = min(5.5, 0.22 * stage.radius * np.sqrt(16.0 / stage.te_cells))
    inside: Image = np.clip((radius - away) / 1.2 + 0.5, 0.0, 1.0)
    return inside


def _outline(directions: Image, rng: np.random.Generator, turn: float) -> Image:
    """A slightly oval, slightly dented outline."""
    axes = _turn(rng.standard_normal((6, 3)).astype(np.float32), turn)
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    along = directions @ axes.T
    strength = np.array([0.018, 0.014, 0.010, 0.008, 0.006, 0.005], np.float32)
    angles = np.arccos(np.clip(along, -1.0, 1.0)) * np.array([2, 2, 3, 3, 4, 4], np.float32)
    outline: Image = 1.0 + np.cos(angles) @ strength
    return outline
