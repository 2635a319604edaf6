"""Inner cells as rounded bodies: the morula's core, later the inner cell mass at the wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.sample.arrays import Image
from blasto_annotator.sample.embryo import EmbryoPlan
from blasto_annotator.sample.stage import Stage

Points = NDArray[np.float64]

_SIZE = {"A": (7.6, 9.0), "B": (7.5, 10.0), "C": (6.0, 8.5)}
"""Radius of an inner cell in micrometres."""
_SPREAD = {"A": (27.0, 21.0), "B": (27.0, 13.0), "C": (24.0, 5.0)}
"""Half axes of the inner cell mass along the wall and away from it."""
_FILLERS = 9
"""Cells of the morula's core that become trophectoderm."""


@dataclass(frozen=True)
class Balls:
    """Rounded cells about the embryo's centre, micrometres."""

    centres: Points
    radii: NDArray[np.float64]
    stretch: Points
    """[cells, 3] scale along x, y, z."""


@dataclass(frozen=True)
class BallField:
    """Over a volume [z, y, x], micrometres."""

    first: Image
    """Signed distance to the nearest ball, negative inside."""
    second: Image
    """The same to the second nearest."""


def rounded_cells(plan: EmbryoPlan, stage: Stage, outer: Image) -> Balls:
    """The cells that are drawn as bodies: inner cells, and before the cavity the outer ones too.

    Args:
        plan: the embryo.
        stage: its geometry at the time.
        outer: [cells, 3] directions of the trophectoderm's cells.
    """
    parts = [_inner_cells(plan, stage)]
    if stage.gathered < 1.0:
        parts.append(_outer_cells(plan, stage, outer))
    return Balls(
        np.concatenate([part.centres for part in parts]),
        np.concatenate([part.radii for part in parts]),
        np.concatenate([part.stretch for part in parts]),
    )


def _inner_cells(plan: EmbryoPlan, stage: Stage) -> Balls:
    """The morula's core, of which the inner cell mass gathers at the wall."""
    rng = np.random.default_rng([plan.seed, 21])
    count = plan.icm_cells + _FILLERS
    packed = _relaxed(_in_ball(rng, count), 0.52) * 0.55 * stage.radius
    wall = stage.radius - stage.gap
    final = np.concatenate((_mass(plan, stage, rng), _directions(rng, _FILLERS) * wall))
    share = stage.gathered
    centres = packed * (1.0 - share) + final * share
    centres[: plan.icm_cells] = _turned(centres[: plan.icm_cells], stage.turn)
    radii = rng.uniform(*_SIZE[plan.icm], count)
    early = 0.55 * stage.radius * (0.9 / count) ** (1.0 / 3.0) * rng.uniform(0.9, 1.2, count)
    late = np.where(np.arange(count) < plan.icm_cells, radii, 0.0)
    return Balls(centres, early * (1.0 - share) + late * share, rng.uniform(0.86, 1.16, (count, 3)))


def _outer_cells(plan: EmbryoPlan, stage: Stage, outer: Image) -> Balls:
    """Blastomeres under the zona; they sink into the wall while they flatten into an epithelium."""
    rng = np.random.default_rng([plan.seed, 22])
    count = len(outer)
    share = stage.gathered
    size = stage.radius * (0.62 / count) ** (1.0 / 3.0) * rng.uniform(0.85, 1.2, 200)[:count]
    depth = stage.radius - stage.gap - size * (0.92 - 0.9 * share)
    radii = size * (1.0 - 0.5 * share)
    stretch = rng.uniform(0.88, 1.18, (200, 3))[:count]
    return Balls(np.asarray(outer, np.float64) * depth[:, None], radii, stretch)


def ball_field(balls: Balls, axes: tuple[Image, Image, Image]) -> BallField:
    """Distances over the volume spanned by the axes (z, y, x), micrometres from the embryo's centre."""
    shape = (len(axes[0]), len(axes[1]), len(axes[2]))
    first = np.full(shape, 99.0, np.float32)
    second = np.full(shape, 99.0, np.float32)
    for centre, radius, stretch in zip(balls.centres, balls.radii, balls.stretch, strict=True):
        if radius > 1.0:
            _add_ball((first, second), axes, (centre, float(radius), stretch))
    return BallField(first, second)


def _add_ball(
    fields: tuple[Image, Image],
    axes: tuple[Image, Image, Image],
    ball: tuple[NDArray[np.float64], float, NDArray[np.float64]],
) -> None:
    centre, radius, stretch = ball
    box, offsets = [], []
    for axis, middle, scale in zip(axes, centre[::-1], stretch[::-1], strict=True):
        reach = radius * scale + 7.0
        start, stop = np.searchsorted(axis, (middle - reach, middle + reach))
        box.append(slice(int(start), int(stop)))
        offsets.append(((axis[start:stop] - middle) / scale).astype(np.float32))
    dz, dy, dx = offsets[0][:, None, None], offsets[1][None, :, None], offsets[2][None, None, :]
    distance = np.sqrt(dz * dz + dy * dy + dx * dx + 1e-6)
    bumps = np.sin(9.0 / radius * dx + centre[0]) + np.sin(7.0 / radius * dy + centre[1])
    own = distance - np.float32(radius) * (1.0 + np.float32(0.045) * bumps.astype(np.float32))
    first, second = (field[box[0], box[1], box[2]] for field in fields)
    np.minimum(second, np.maximum(first, own), out=second)
    np.minimum(first, own, out=first)


def _mass(plan: EmbryoPlan, stage: Stage, rng: np.random.Generator) -> Points:
    """Cells of the inner cell mass, leaning on the wall in the plan's direction."""
    along, deep = _SPREAD[plan.icm]
    looseness = {"A": 0.50, "B": 0.62, "C": 0.8}[plan.icm]
    cloud = _relaxed(_in_ball(rng, plan.icm_cells), looseness)
    normal = np.array(plan.icm_direction)
    side = np.cross(normal, (0.0, 0.0, 1.0))
    side /= np.linalg.norm(side)
    frame = np.stack((side * along, np.cross(normal, side) * along, normal * deep))
    wall = stage.radius - stage.gap - 0.4 * stage.te_thickness
    centres = normal * (wall - deep - 3.0) + cloud @ frame
    away = np.linalg.norm(centres, axis=1, keepdims=True)
    inside: Points = centres * np.minimum(1.0, (wall - 4.0) / away)
    return inside


def _in_ball(rng: np.random.Generator, count: int) -> Points:
    inside: Points = _directions(rng, count) * rng.random((count, 1)) ** (1.0 / 3.0)
    return inside


def _directions(rng: np.random.Generator, count: int) -> Points:
    vectors = rng.standard_normal((count, 3))
    unit: Points = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _relaxed(points: Points, distance: float) -> Points:
    """Points of the unit ball pushed apart until most neighbours keep their distance."""
    apart = distance * (30.0 / max(len(points), 4)) ** (1.0 / 3.0)
    for _ in range(30):
        gaps = points[:, None] - points[None]
        lengths = np.linalg.norm(gaps, axis=2) + np.eye(len(points)) * 9.0 + 1e-9
        push = np.clip(apart - lengths, 0.0, None)[:, :, None] * gaps / lengths[:, :, None]
        points = points + 0.25 * push.sum(axis=1)
        points = points / np.maximum(1.0, np.linalg.norm(points, axis=1, keepdims=True))
    return points


def _turned(points: Points, angle: float) -> Points:
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    turned: Points = points @ matrix.T
    return turned
