"""The plan of a drawn embryo: same seed, same embryo; its grade rises with time and is known."""

from __future__ import annotations

import numpy as np
import pytest

from blasto_annotator.sample.embryo import LETTERS, PHASES, grade_at, phase_at, plan_embryo
from blasto_annotator.sample.truth import truth_at

HOURS = np.arange(80.0, 140.0, 0.25)


def test_the_same_seed_plans_the_same_embryo() -> None:
    assert plan_embryo(7, "A", "B") == plan_embryo(7, "A", "B")


def test_another_seed_plans_another_embryo() -> None:
    assert plan_embryo(7, "A", "B") != plan_embryo(8, "A", "B")


@pytest.mark.parametrize("seed", range(5))
def test_expansion_passes_one_to_five_and_never_falls(seed: int) -> None:
    grades = [grade_at(plan_embryo(seed, "B", "B"), float(hour)) for hour in HOURS]
    steps = [0 if grade is None else grade.expansion for grade in grades]
    assert steps == sorted(steps)
    assert set(steps) == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("icm", LETTERS)
@pytest.mark.parametrize("te", LETTERS)
def test_letters_are_the_plans_from_expansion_two_on(icm: str, te: str) -> None:
    plan = plan_embryo(3, icm, te)  # type: ignore[arg-type]
    for hour in HOURS:
        grade = grade_at(plan, float(hour))
        if grade is not None:
            expected = (icm, te) if grade.expansion >= 2 else (None, None)
            assert (grade.icm, grade.te) == expected


def test_phases_follow_one_another() -> None:
    plan = plan_embryo(5, "A", "A")
    places = [PHASES.index(phase_at(plan, float(hour))) for hour in HOURS]
    assert places == sorted(places)


def test_full_and_expanded_lie_near_the_medians_of_the_public_set() -> None:
    """Gomez et al. 2022: tB about 107 hpi, tEB about 113 hpi."""
    plans = [plan_embryo(seed, "B", "A") for seed in range(60)]
    assert np.median([plan.timeline.full for plan in plans]) == pytest.approx(107.0, abs=1.5)
    assert np.median([plan.timeline.expanded for plan in plans]) == pytest.approx(113.0, abs=1.5)


def test_the_zona_thins_and_the_cavity_grows() -> None:
    plan = plan_embryo(2, "A", "A")
    truths = [truth_at(plan, float(hour)) for hour in HOURS]
    assert truths[-1].zona_um < 0.6 * truths[0].zona_um
    cavities = [truth.cavity_share for truth in truths]
    assert cavities == sorted(cavities)


def test_better_letters_mean_more_cells() -> None:
    cells = {te: truth_at(plan_embryo(4, "A", te), 120.0).te_cells for te in LETTERS}
    assert cells["A"] > cells["B"] > cells["C"]
    inner = {icm: truth_at(plan_embryo(4, icm, "A"), 120.0).icm_cells for icm in LETTERS}
    assert inner["A"] > inner["B"] > inner["C"]
