"""Which embryos and which moments a sample holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blasto_annotator.sample.draw import PLANES_UM
from blasto_annotator.sample.embryo import EmbryoPlan, Letter, plan_embryo

_PAIRS: tuple[tuple[tuple[Letter, Letter], ...], ...] = (
    (("A", "A"), ("A", "B")),
    (("B", "B"), ("A", "C"), ("B", "A")),
    (("C", "C"), ("B", "C"), ("C", "B"), ("C", "A")),
)
"""ICM and TE letters of the good, the average and the poor group (scheme gardner-3group)."""


@dataclass(frozen=True)
class SampleSpec:
    """What to draw. The same specification gives the same files."""

    embryos_per_group: int = 6
    """Embryos in each of the groups good, average and poor."""
    moments: int = 10
    """Frames in time of each embryo, from the late morula to the expanded blastocyst."""
    planes: tuple[int, ...] = PLANES_UM
    """Focal planes in micrometres."""
    size: int = 500
    """Pixels a side."""
    seed: int = 1


@dataclass(frozen=True)
class SampleEmbryo:
    """One video of the sample."""

    video: str
    """Such as DR101-2; the code before the dash is the couple."""
    well: int
    plan: EmbryoPlan
    hours: tuple[float, ...]
    """The moments' hpi, rising."""


def sample_embryos(spec: SampleSpec) -> list[SampleEmbryo]:
    """The embryos of a sample: the groups in turn, two embryos a couple."""
    rng = np.random.default_rng([spec.seed, 3])
    embryos = []
    for number in range(3 * spec.embryos_per_group):
        pairs = _PAIRS[number % 3]
        icm, te = pairs[(number // 3 + spec.seed) % len(pairs)]
        plan = plan_embryo(spec.seed * 100_003 + number, icm, te)
        video = f"DR{101 + number // 2}-{number % 2 + 1 + int(rng.integers(0, 4)) * 2}"
        embryos.append(SampleEmbryo(video, number % 12 + 1, plan, _hours(plan, spec.moments, rng)))
    return embryos


def _hours(plan: EmbryoPlan, moments: int, rng: np.random.Generator) -> tuple[float, ...]:
    line = plan.timeline
    first, last = line.blastulation - 3.0, line.expanded + 9.0
    step = (last - first) / max(moments, 1)
    hours = first + step * (np.arange(moments) + rng.uniform(0.1, 0.9, moments))
    return tuple(round(float(hour), 2) for hour in hours)
