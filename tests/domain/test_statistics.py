"""Wilson intervals against the published figures of the source's review (domain.md) and Wilson's formula."""

import math

import pytest

from blasto_annotator.domain.statistics import wilson


@pytest.mark.parametrize(
    ("count", "share", "low", "high"),
    [
        (104, 34.7, 29.5, 40.2),  # domain.md, pooled: perfect
        (178, 59.3, 53.7, 64.7),  # minor flaws
        (18, 6.0, 3.8, 9.3),  # implausible
        (22, 7.3, 4.9, 10.9),  # wrong class
    ],
)
def test_the_pooled_review_has_its_published_intervals(
    count: int, share: float, low: float, high: float
) -> None:
    found = wilson(count, 300)

    assert [round(100 * value, 1) for value in (found.value, found.low, found.high)] == [share, low, high]


def test_the_bounds_are_the_shares_whose_test_just_fails() -> None:
    # Wilson's definition: |p - bound| = z sqrt(bound (1 - bound) / n), with z = 1.959964 at 95 %.
    found = wilson(7, 50)

    for bound in (found.low, found.high):
        deviation = abs(7 / 50 - bound) / math.sqrt(bound * (1 - bound) / 50)
        assert deviation == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize("total", [1, 10, 300])
def test_none_and_all_stay_within_zero_and_one_and_mirror_each_other(total: int) -> None:
    none, every = wilson(0, total), wilson(total, total)

    assert none.low == 0.0
    assert every.high == 1.0
    assert 0 < none.high < 1
    assert none.high == pytest.approx(1 - every.low)


def test_nothing_counted_says_nothing() -> None:
    found = wilson(0, 0)

    assert (found.low, found.high) == (0.0, 1.0)
    assert math.isnan(found.value)


@pytest.mark.parametrize("arguments", [(-1, 10, 0.95), (11, 10, 0.95), (1, 10, 0.0), (1, 10, 1.0)])
def test_impossible_counts_are_refused(arguments: tuple[int, int, float]) -> None:
    with pytest.raises(ValueError, match=r"share|confidence"):
        wilson(*arguments)
