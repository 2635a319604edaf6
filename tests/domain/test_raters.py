"""Reversed and offset scales, drift, and a grader's second look."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from blasto_annotator.domain.raters import Ratings
from blasto_annotator.domain.raters_drift import drifts, within
from blasto_annotator.domain.raters_scales import scale_findings

SCALE = ("1", "2", "3", "4", "5")


def panel(images: int = 120, graders: int = 5, seed: int = 1) -> Ratings:
    """Graders who see the same truth and are off by a step now and then."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, images)
    noise = rng.choice([-1, 0, 0, 0, 1], (graders, images))
    names = tuple(f"g{n}" for n in range(graders))
    values = np.clip(truth + noise, 0, 4)
    images_of = tuple(f"i{n}" for n in range(images))
    return Ratings("expansion", SCALE, True, names, images_of, values, np.arange(images) // 2)


def changed(ratings: Ratings, row: int, said: np.ndarray) -> Ratings:
    values = ratings.values.copy()
    values[row] = said
    return replace(ratings, values=values)


def test_graders_who_read_the_scale_alike_are_not_named() -> None:
    assert scale_findings(panel()) == ()


def test_a_reversed_scale_is_found_and_does_not_make_the_others_look_offset() -> None:
    ratings = panel()

    found = scale_findings(changed(ratings, 2, 4 - ratings.values[2]))

    assert [(f.grader, f.reversed) for f in found] == [("g2", True)]
    assert found[0].weighted_kappa < -0.5 < 0.5 < found[0].mended_kappa


def test_an_offset_is_found_with_its_direction() -> None:
    ratings = panel()
    higher = changed(ratings, 0, np.clip(ratings.values[0] + 1, 0, 4))

    found = scale_findings(changed(higher, 3, np.clip(ratings.values[3] - 1, 0, 4)))

    assert [(f.grader, f.step) for f in found] == [("g0", 1), ("g3", -1)]
    assert all(f.mended_equal > f.equal and f.mended_kappa > f.weighted_kappa for f in found)


def test_a_grader_who_always_says_the_same_is_not_called_offset() -> None:
    ratings = panel()

    assert scale_findings(changed(ratings, 1, np.full(120, 4))) == ()


def test_few_images_or_a_scale_without_order_name_nobody() -> None:
    ratings = panel(images=12)
    turned = changed(ratings, 2, 4 - ratings.values[2])
    unordered = replace(changed(panel(), 2, 4 - panel().values[2]), ordered=False)

    assert scale_findings(turned) == ()
    assert scale_findings(unordered) == ()


def test_a_drift_over_time_is_found_and_steady_graders_do_not_drift() -> None:
    ratings = panel(images=200, graders=6)
    late = (np.arange(200) >= 100).astype(int)
    moved = changed(ratings, 4, np.clip(ratings.values[4] + late, 0, 4))
    order = np.tile(np.arange(200, dtype=float), (6, 1))

    found = {drift.grader: drift for drift in drifts(moved, order)}

    assert {name for name, drift in found.items() if drift.drifts} == {"g4"}
    assert found["g4"].per_100.low > 0
    assert found["g4"].windows[0].above < found["g4"].windows[-1].above
    assert sum(window.images for window in found["g4"].windows) == 200


def test_a_second_look_is_compared_with_the_first() -> None:
    rows = [(f"i{n}", f"e{n}", str(1 + n % 5), str(1 + n % 5)) for n in range(20)]
    rows += [("i20", "e20", "2", "3"), ("i21", "e21", None, "3")]

    (found,) = within("expansion", SCALE, True, {"Ada": rows}, resamples=50)

    assert found.images == 21
    assert found.figures.percent.value == 20 / 21
    assert found.shift == 1 / 21
    assert found.figures.weighted_kappa.value > 0.9
