"""What a drawn embryo measures at a time: the geometry that the picture is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blasto_annotator.sample.embryo import EmbryoPlan


@dataclass(frozen=True)
class Stage:
    """An embryo at one time. Lengths in micrometres."""

    hpi: float
    radius: float
    """Inner radius of the zona."""
    zona: float
    """Thickness of the zona."""
    gap: float
    """Perivitelline space between zona and cells."""
    cavity: float
    """Share of the embryo's volume that is cavity."""
    te_thickness: float
    """Mean thickness of the trophectoderm."""
    te_cells: int
    icm_cells: int
    gathered: float
    """0: inner cells fill the morula; 1: they lie at the wall as the inner cell mass."""
    centre: tuple[float, float]
    """Relative to the well's centre."""
    turn: float
    """Rotation about the optical axis, radians."""


def stage_at(plan: EmbryoPlan, hpi: float) -> Stage:
    """The embryo's geometry at a time, continuous in time."""
    radius = _radius(plan, hpi)
    cavity = _cavity(plan, hpi)
    hours = hpi - plan.timeline.blastulation
    return Stage(
        hpi=hpi,
        radius=radius,
        zona=plan.zona * (plan.radius / radius) ** 2.2,
        gap=float(np.interp(hours, (-6.0, 2.0), (5.0, 0.3))),
        cavity=cavity,
        te_thickness=radius * min(1.0 - cavity ** (1.0 / 3.0), 0.42),
        te_cells=_te_cells(plan, hpi),
        icm_cells=plan.icm_cells,
        gathered=float(np.clip(cavity / 0.6, 0.0, 1.0)),
        centre=(plan.position[0] + plan.drift[0] * hours, plan.position[1] + plan.drift[1] * hours),
        turn=plan.spin * hours,
    )


def _radius(plan: EmbryoPlan, hpi: float) -> float:
    line = plan.timeline
    times = (line.blastulation, line.half, line.full, line.expanded, line.expanded + 10.0)
    share = (0.0, 0.10, 0.34, 0.70, 1.0)
    return plan.radius * (1.0 + (plan.growth - 1.0) * float(np.interp(hpi, times, share)))


def _cavity(plan: EmbryoPlan, hpi: float) -> float:
    line = plan.timeline
    times = (line.blastulation, line.half, line.full, line.expanded, line.expanded + 10.0)
    thick = {"A": 0.82, "B": 0.84, "C": 0.90}[plan.te]
    return float(np.interp(hpi, times, (0.01, 0.5, 0.70, 0.78, thick)))


def _te_cells(plan: EmbryoPlan, hpi: float) -> int:
    """Divisions from the morula to the expanded blastocyst, at an even rate."""
    first = min(16, plan.te_cells)
    line = plan.timeline
    share = np.interp(hpi, (line.blastulation - 6.0, line.expanded), (0.0, 1.0))
    return int(first * (plan.te_cells / first) ** float(share) + 0.5)
