"""Agreement coefficients against published worked examples and against other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

from blasto_annotator.domain.agreement import agreement, effective_number
from blasto_annotator.domain.raters import MISSING, Ratings, confusion, make_ratings

NONE = MISSING


def ratings_of(values: list[list[int]], ordered: bool = True, embryos: list[int] | None = None) -> Ratings:
    table = np.array(values)
    images = tuple(f"i{n}" for n in range(table.shape[1]))
    names = tuple(f"g{n}" for n in range(len(table)))
    where = np.arange(len(images)) if embryos is None else np.array(embryos)
    scale = tuple(str(n) for n in range(1 + int(table.max())))
    return Ratings("expansion", scale, ordered, names, images, table, where)


def counts_to_ratings(counts: list[list[int]]) -> Ratings:
    """Subjects by categories of counts, as Fleiss writes them, as graders by images."""
    return ratings_of([list(row) for row in zip(*[np.repeat(range(len(c)), c) for c in counts], strict=True)])


@pytest.fixture
def four_raters() -> Ratings:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: 12 units, 4 observers, gaps."""
    return ratings_of(
        [
            [0, 1, 2, 2, 1, 0, 3, 0, 1, NONE, NONE, NONE],
            [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, NONE, 2],
            [NONE, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, NONE],
            [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, NONE],
        ]
    )


def test_krippendorffs_example_with_gaps_gives_his_alphas(four_raters: Ratings) -> None:
    figures = agreement(four_raters, 0).figures

    assert round(figures["alpha_nominal"].value, 3) == 0.743
    assert round(figures["alpha_ordinal"].value, 3) == 0.815


def test_the_same_data_in_gwets_handbook_give_his_ac1_fleiss_kappa_and_percent(four_raters: Ratings) -> None:
    # Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., works these data through: AC1 0.775, Fleiss'
    # generalised kappa 0.761, percent agreement 0.818.
    figures = agreement(four_raters, 0).figures

    assert round(figures["ac1"].value, 3) == 0.775
    assert round(figures["fleiss_kappa"].value, 3) == 0.761
    assert round(figures["percent"].value, 3) == 0.818


FLEISS = [
    *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
    *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
]
"""Fourteen raters, ten subjects, five categories: the worked example of Fleiss' kappa in Wikipedia."""


def test_the_worked_example_of_fleiss_kappa() -> None:
    figures = agreement(counts_to_ratings(FLEISS), 0).figures

    assert round(figures["percent"].value, 3) == 0.378
    assert round(figures["fleiss_kappa"].value, 3) == 0.210


def test_the_worked_example_of_cohens_kappa() -> None:
    # 20 twice yes, 15 twice no, 5 and 10 apart: po 0.7, pe 0.5, kappa 0.4 by hand.
    first, second = [0] * 25 + [1] * 25, [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15

    pair = agreement(ratings_of([first, second]), 0).pairs[0]

    assert (pair.percent.value, pair.kappa.value) == (pytest.approx(0.7), pytest.approx(0.4))


@pytest.mark.parametrize("seed", range(4))
def test_pairs_and_fleiss_agree_with_scikit_learn_and_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, 80)
    table = np.clip(truth + rng.integers(-1, 2, (4, 80)), 0, 4)

    result = agreement(ratings_of(table.tolist()), 0)

    for pair in result.pairs:
        a, b = table[int(pair.first[1])], table[int(pair.second[1])]
        assert pair.kappa.value == pytest.approx(cohen_kappa_score(a, b))
        assert pair.weighted_kappa.value == pytest.approx(cohen_kappa_score(a, b, weights="quadratic"))
    counts = np.stack([(table == k).sum(axis=0) for k in range(5)], axis=1)
    assert result.figures["fleiss_kappa"].value == pytest.approx(fleiss_kappa(counts))


def test_intervals_are_wider_where_the_images_show_few_embryos() -> None:
    rng = np.random.default_rng(5)
    of_embryo = rng.random(10) < 0.7
    first = np.repeat(rng.integers(0, 3, 10), 30)
    second = np.where(np.repeat(of_embryo, 30), first, (first + 1) % 3)
    values = [first.tolist(), second.tolist()]

    apart = agreement(ratings_of(values)).figures["percent"]
    together = agreement(ratings_of(values, embryos=np.repeat(range(10), 30).tolist())).figures["percent"]

    assert apart.value == together.value
    assert together.high - together.low > 3 * (apart.high - apart.low)
    assert apart.low < apart.value < apart.high


def test_the_effective_number_counts_embryos_that_are_worth_the_same() -> None:
    even = ratings_of([[0] * 6], embryos=[0, 0, 1, 1, 2, 2])
    uneven = ratings_of([[0] * 6], embryos=[0, 0, 0, 0, 1, 2])

    assert effective_number(even) == pytest.approx(3)
    assert effective_number(uneven) == pytest.approx(36 / 18)


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others(four_raters: Ratings) -> None:
    same = [agreement(four_raters, 100, seed).figures["ac1"] for seed in (1, 1, 2)]

    assert same[0] == same[1]
    assert same[0] != same[2]


def test_what_is_not_defined_is_nan_and_not_a_number_that_looks_like_one() -> None:
    alone = agreement(ratings_of([[0, 0, 0]]), 50)
    constant = agreement(ratings_of([[1, 1, 1], [1, 1, 1]]), 50)
    unordered = agreement(ratings_of([[0, 1, 2], [0, 1, 1]], ordered=False), 50)

    assert np.isnan(alone.figures["ac1"].value)
    assert alone.pairs == ()
    assert constant.figures["percent"].value == 1
    assert np.isnan(constant.pairs[0].kappa.value)
    assert np.isnan(unordered.figures["alpha_ordinal"].value)
    assert not np.isnan(unordered.figures["alpha_nominal"].value)


def test_a_pair_with_few_shared_images_stays_out_of_the_mean_unless_there_is_no_other() -> None:
    first = [0, 1] * 20
    values = [first, first, [*([1 - v for v in first[:5]]), *([NONE] * 35)]]

    result = agreement(ratings_of(values), 0)
    few = agreement(ratings_of([row[:5] for row in values]), 0)

    assert [pair.in_mean for pair in result.pairs] == [True, False, False]
    assert result.figures["mean_percent"].value == 1
    assert all(pair.in_mean for pair in few.pairs)
    assert few.min_shared == 1


def test_ratings_are_made_from_what_graders_said_and_counted_against_one_another() -> None:
    said = {"Ada": {"a": "A", "b": "B", "c": None}, "Ben": {"a": "B", "b": "B"}}

    ratings = make_ratings("icm", ["A", "B", "C"], True, said, {"a": "e1", "b": "e1"})

    assert ratings.images == ("a", "b")
    assert ratings.embryos.tolist() == [0, 0]
    assert confusion(ratings, "Ada", "Ben").tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="'D'"):
        make_ratings("icm", ["A", "B"], True, {"Ada": {"a": "D"}})
