"""The plan of a drawn embryo: everything about it that does not change with time, fixed by its seed.

A plan holds the grade (ICM and TE letters) as parameters, so the truth of every drawn frame is known.
Times follow the medians of the public time-lapse set (Gomez et al. 2022): tB about 107 hpi, tEB about 113.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blasto_annotator.domain.grades import Grade

Letter = Literal["A", "B", "C"]
LETTERS: tuple[Letter, ...] = ("A", "B", "C")

FIELD_UM = 293.0
"""Side of the square field of view: a 250 um EmbryoScope microwell spans about 426 of 500 pixels."""

PHASES = ("tM", "tSB", "tB", "tEB", "tHB")
"""Phases that a drawn sequence passes through: morula, start of blastulation, full, expanded, hatching."""

_TE_CELLS = {"A": (84, 112), "B": (44, 58), "C": (15, 21)}
_ICM_CELLS = {"A": (32, 42), "B": (9, 12), "C": (2, 4)}
_TE_UNEVENNESS = {"A": 0.22, "B": 0.38, "C": 0.62}
_WORTH = {"A": 0.0, "B": 1.0, "C": 2.0}
"""How far a letter is from the best; the ICM counts twice (it decides the quality group)."""


@dataclass(frozen=True)
class Timeline:
    """Hours post insemination at which the embryo reaches a stage."""

    blastulation: float
    """tSB: the cavity appears; expansion 1."""
    half: float
    """The cavity is half of the embryo; expansion 2."""
    full: float
    """tB: the cavity fills the embryo; expansion 3."""
    expanded: float
    """tEB: the zona thins; expansion 4."""
    hatching: float
    """tHB: the embryo leaves the zona; expansion 5."""


@dataclass(frozen=True)
class EmbryoPlan:
    """One drawn embryo. Lengths in micrometres, angles in radians, times in hpi."""

    seed: int
    icm: Letter
    te: Letter
    timeline: Timeline
    radius: float
    """Inner radius of the zona before expansion."""
    growth: float
    """Radius of the fully expanded embryo as a multiple of `radius`."""
    zona: float
    """Thickness of the zona before expansion."""
    te_cells: int
    """Trophectoderm cells of the expanded blastocyst."""
    te_unevenness: float
    """Spread of the trophectoderm cells' thickness (log)."""
    icm_cells: int
    icm_direction: tuple[float, float, float]
    """Unit vector from the embryo's centre to its inner cell mass (x right, y down, z up)."""
    position: tuple[float, float]
    """Embryo's centre relative to the well's, at the first frame."""
    drift: tuple[float, float]
    """Micrometres an hour."""
    spin: float
    """Radians an hour about the optical axis."""
    granularity: float
    """Contrast of the cytoplasm's granules, about 1; coarser in a poor embryo."""
    darkness: float
    """Share of light (log) lost by a micrometre of cytoplasm; a poor embryo is darker."""
    fragments: int
    """Bits of cytoplasm that left their cells; many in a poor embryo."""
    well_centre: tuple[float, float]
    """Well's centre relative to the field's."""
    well_radius: float
    brightness: float
    """Grey level of the empty well, of 255."""
    debris: int
    """Grains on the well's floor."""


def plan_embryo(seed: int, icm: Letter, te: Letter) -> EmbryoPlan:
    """The embryo of this seed with these ICM and TE grades; the same seed gives the same embryo."""
    rng = np.random.default_rng([seed, LETTERS.index(icm), LETTERS.index(te)])
    well_radius = float(rng.uniform(123.0, 129.0))
    vigour = _vigour(rng, icm, te)
    radius = 60.0 + 5.0 * vigour + float(rng.uniform(-2.0, 2.0))
    growth = 1.20 + 0.38 * vigour + float(rng.uniform(-0.06, 0.06))
    return EmbryoPlan(
        seed=seed,
        icm=icm,
        te=te,
        timeline=_timeline(rng),
        radius=radius,
        growth=growth,
        zona=float(rng.uniform(12.0, 17.0)),
        te_cells=int(rng.integers(*_TE_CELLS[te], endpoint=True)),
        te_unevenness=_TE_UNEVENNESS[te],
        icm_cells=int(rng.integers(*_ICM_CELLS[icm], endpoint=True)),
        icm_direction=_icm_direction(rng),
        position=_position(rng, well_radius - radius * growth - 6.0),
        drift=(float(rng.normal(0.0, 0.12)), float(rng.normal(0.0, 0.12))),
        spin=float(rng.normal(0.0, 0.012)),
        granularity=float(rng.uniform(0.85, 1.1)) * (1.5 - 0.6 * vigour),
        darkness=0.0012 + 0.0065 * (1.0 - vigour),
        fragments=int(rng.poisson(28.0 * (1.0 - vigour) ** 1.3)),
        well_centre=(float(rng.normal(0.0, 3.5)), float(rng.normal(-1.0, 3.5))),
        well_radius=well_radius,
        brightness=float(rng.uniform(104.0, 148.0)),
        debris=int(rng.integers(10, 90)),
    )


def grade_at(plan: EmbryoPlan, hpi: float) -> Grade | None:
    """The embryo's Gardner grade at a time; None before blastulation, ICM and TE letters from expansion 2."""
    line = plan.timeline
    starts = (line.blastulation, line.half, line.full, line.expanded, line.hatching)
    expansion = sum(hpi >= start for start in starts)
    if expansion == 0:
        return None
    return Grade(expansion, plan.icm, plan.te) if expansion >= 2 else Grade(expansion)


def phase_at(plan: EmbryoPlan, hpi: float) -> str:
    """The morphokinetic phase, one of `PHASES`."""
    line = plan.timeline
    starts = (line.blastulation, line.full, line.expanded, line.hatching)
    return PHASES[sum(hpi >= start for start in starts)]


def _vigour(rng: np.random.Generator, icm: Letter, te: Letter) -> float:
    """How well the embryo thrives, 0 to 1: its size, clarity and fragments go with its letters."""
    lost = (2.0 * _WORTH[icm] + _WORTH[te]) / 6.0
    return float(np.clip(1.0 - lost + rng.normal(0.0, 0.03), 0.0, 1.0))


def _timeline(rng: np.random.Generator) -> Timeline:
    full = float(np.clip(rng.normal(107.0, 3.0), 100.0, 114.0))
    blastulation = full - float(rng.uniform(8.0, 12.0))
    return Timeline(
        blastulation=blastulation,
        half=full - float(rng.uniform(3.5, 5.0)),
        full=full,
        expanded=full + float(rng.uniform(4.5, 7.5)),
        hatching=full + float(rng.uniform(20.0, 28.0)),
    )


def _icm_direction(rng: np.random.Generator) -> tuple[float, float, float]:
    """Mostly near the focal plane, where a grader can see it."""
    turn = rng.uniform(0.0, 2.0 * np.pi)
    z = rng.uniform(-0.4, 0.3)
    across = np.sqrt(1.0 - z * z)
    return float(across * np.cos(turn)), float(across * np.sin(turn)), float(z)


def _position(rng: np.random.Generator, room: float) -> tuple[float, float]:
    turn = rng.uniform(0.0, 2.0 * np.pi)
    away = min(max(room, 4.0), 45.0) * rng.uniform(0.1, 1.0)
    return float(away * np.cos(turn)), float(away * np.sin(turn))
