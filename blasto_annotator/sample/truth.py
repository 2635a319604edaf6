"""What is known of a drawn frame because it was drawn: for rules that judge pictures, and for tests."""

from __future__ import annotations

from dataclasses import dataclass

from blasto_annotator.domain.grades import Grade
from blasto_annotator.sample.embryo import EmbryoPlan, grade_at, phase_at
from blasto_annotator.sample.stage import stage_at


@dataclass(frozen=True)
class Truth:
    """A drawn embryo at one time. Lengths in micrometres."""

    hpi: float
    phase: str
    grade: Grade | None
    """None before blastulation."""
    zona_um: float
    """Thickness of the zona pellucida."""
    diameter_um: float
    """Outer diameter, zona included."""
    cavity_share: float
    """Share of the embryo's volume that is cavity."""
    te_cells: int
    icm_cells: int
    unevenness: float
    """Spread of the trophectoderm cells' thickness (log); 0 is perfectly even."""


def truth_at(plan: EmbryoPlan, hpi: float) -> Truth:
    """The known truth of the embryo at a time."""
    stage = stage_at(plan, hpi)
    return Truth(
        hpi=hpi,
        phase=phase_at(plan, hpi),
        grade=grade_at(plan, hpi),
        zona_um=stage.zona,
        diameter_um=2.0 * (stage.radius + stage.zona),
        cavity_share=stage.cavity,
        te_cells=stage.te_cells,
        icm_cells=stage.icm_cells,
        unevenness=plan.te_unevenness,
    )
