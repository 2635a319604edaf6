"""Detection, equivalence, differences and readers: published examples and other programs' figures."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from scipy.stats import binom, binomtest, norm
from statsmodels.stats.proportion import power_proportions_2indep

from blasto_annotator.domain.detection import Answers, bias, criterion, d_prime, hype_error, sensitivity
from blasto_annotator.domain.equivalence import (
    TEST_CONFIDENCE,
    detectable_difference,
    detectable_preference,
    difference,
    difference_power,
    equivalence,
    equivalence_power,
    preference_power,
    smallest_margin,
)
from blasto_annotator.domain.power import UNEVEN, power_words
from blasto_annotator.domain.readers import effective_number, readers_and_images
from blasto_annotator.domain.reviews import Mode
from blasto_annotator.domain.statistics import wilson

_HALF = functools.cache(lambda count, total: float(binom.pmf(count, total, 0.5)))


def test_d_prime_and_criterion_of_the_textbook_rates() -> None:
    """Macmillan and Creelman 2005, ch. 1 and 2: H .8 and F .4 give d' 1.095 and c -0.294."""
    assert d_prime(0.8, 0.4) == pytest.approx(1.095, abs=5e-4)
    assert criterion(0.8, 0.4) == pytest.approx(-0.294, abs=5e-4)


def test_the_log_linear_correction_is_hautus_own() -> None:
    found = sensitivity(Answers(hits=25, generated=25, false_alarms=0, real=25))

    assert found.value == pytest.approx(norm.ppf(25.5 / 26) - norm.ppf(0.5 / 26))
    assert math.isfinite(found.low)


def test_the_interval_of_d_prime_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits, alarms = rng.binomial(100, norm.cdf(0.6), 2000), rng.binomial(100, norm.cdf(-0.4), 2000)
    found = [sensitivity(Answers(int(h), 100, int(f), 100)) for h, f in zip(hits, alarms, strict=True)]

    covered = np.mean([e.low <= 1.0 <= e.high for e in found])
    assert 0.935 <= covered <= 0.97


def test_a_reader_who_says_generated_too_often_has_a_negative_criterion() -> None:
    answers = Answers(hits=90, generated=100, false_alarms=70, real=100)

    assert bias(answers).high < 0
    assert hype_error(answers).value == pytest.approx(0.4)


@pytest.mark.parametrize("real", [50, 200])
def test_who_says_the_same_of_everything_is_at_chance_however_few_are_real(real: int) -> None:
    always = Answers(hits=200, generated=200, false_alarms=real, real=real)

    assert hype_error(always).value == 0.5
    assert sensitivity(always).value == pytest.approx(0)


def test_the_hype_error_counts_both_kinds_alike_and_its_interval_keeps_its_word() -> None:
    rng = np.random.default_rng(2)
    hits, alarms = rng.binomial(200, 0.375, 2000), rng.binomial(50, 0.1, 2000)
    found = [hype_error(Answers(int(h), 200, int(a), 50)) for h, a in zip(hits, alarms, strict=True)]

    assert hype_error(Answers(75, 200, 5, 50)).value == pytest.approx((125 / 200 + 5 / 50) / 2)
    assert 0.94 <= np.mean([e.low <= 0.3625 <= e.high for e in found]) <= 0.97


def test_equal_halves_give_the_plain_share_called_wrongly_and_its_wilson_interval_nearly() -> None:
    found, plain = hype_error(Answers(60, 100, 42, 100)), wilson(82, 200)

    assert found.value == pytest.approx(plain.value)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.002)


def test_without_real_controls_nothing_is_said() -> None:
    nothing = Answers(5, 10, 0, 0)

    assert math.isnan(sensitivity(nothing).value)
    assert math.isnan(hype_error(nothing).value)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_s_own_examples(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, table II, method 10."""
    found = difference(first, second)

    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
    assert found.shown


def test_equivalence_agrees_with_two_one_sided_binomial_tests() -> None:
    """The interval's rule and the exact tests differ by a count at most."""
    for right in range(70, 131):
        interval = hype_error(Answers(right // 2, 100, 100 - (right - right // 2), 100), TEST_CONFIDENCE)
        tests = [
            binomtest(right, 200, 0.5 + side, alternative=way).pvalue
            for side, way in ((-0.1, "greater"), (0.1, "less"))
        ]
        near_edge = min(abs(p - 0.05) for p in tests) < 0.02
        assert equivalence(interval, 0.1).shown == (max(tests) <= 0.05) or near_edge

    assert not equivalence(hype_error(Answers(7, 13, 6, 12), TEST_CONFIDENCE), 0.1).shown


@pytest.mark.parametrize("margin", [0.05, 0.1, 0.2])
@pytest.mark.parametrize(("generated", "real"), [(20, 20), (73, 20), (90, 90)])
def test_the_power_of_equivalence_is_the_share_of_outcomes_that_show_it(
    margin: float, generated: int, real: int
) -> None:
    expected = 0.0
    for hits in range(generated + 1):
        for alarms in range(real + 1):
            interval = hype_error(Answers(hits, generated, alarms, real), TEST_CONFIDENCE)
            if equivalence(interval, margin).shown:
                expected += float(_HALF(hits, generated) * _HALF(alarms, real))

    assert equivalence_power(generated, real, margin) == pytest.approx(expected, abs=1e-6)


def test_more_images_show_a_smaller_margin() -> None:
    margins = [smallest_margin(total, total) for total in (25, 100, 500)]

    assert all(m is not None for m in margins)
    assert margins == sorted(margins, reverse=True, key=lambda m: m or 1)
    assert smallest_margin(2, 2) is None
    assert (smallest_margin(100, 25) or 0) > (smallest_margin(100, 100) or 1)


@pytest.mark.parametrize(("second", "totals"), [(0.35, (150, 150)), (0.45, (80, 240)), (0.62, (400, 100))])
def test_the_power_of_a_difference_is_statsmodels_own(second: float, totals: tuple[int, int]) -> None:
    expected = power_proportions_2indep(0.5 - second, second, totals[0], totals[1] / totals[0])

    assert difference_power(0.5, second, totals) == pytest.approx(expected.power, abs=1e-9)


def test_the_detectable_difference_has_the_power_asked_for_and_one_less_has_not() -> None:
    found = detectable_difference(0.35, (100, 100))

    assert found is not None
    assert difference_power(0.35 + found, 0.35, (100, 100)) >= 0.8
    assert difference_power(0.35 + found - 0.01, 0.35, (100, 100)) < 0.8


@pytest.mark.parametrize("total", [5, 30, 101])
def test_the_power_of_pairs_is_the_share_of_outcomes_that_the_exact_test_finds(total: int) -> None:
    shown = [k for k in range(total + 1) if binomtest(k, total).pvalue <= 0.05]

    assert preference_power(total, 0.7) == pytest.approx(sum(float(binom.pmf(k, total, 0.7)) for k in shown))


def test_more_pairs_find_a_smaller_preference() -> None:
    assert detectable_preference(4) is None
    assert detectable_preference(50) > detectable_preference(400)  # type: ignore[operator]


def test_readers_who_differ_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    alike = (rng.random((4, 200)) < 0.5).astype(float)
    different = (rng.random((4, 200)) < np.array([[0.2], [0.4], [0.6], [0.8]])).astype(float)

    narrow, wide = readers_and_images(alike), readers_and_images(different)

    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert narrow.value == pytest.approx(alike.mean())


def test_two_readers_who_always_agree_count_as_one() -> None:
    verdicts = np.repeat((np.random.default_rng(4).random((1, 300)) < 0.4).astype(float), 2, axis=0)
    missing = np.full((1, 300), np.nan)

    assert effective_number(verdicts) == pytest.approx(300, rel=0.01)
    assert effective_number(np.vstack([verdicts[:1], missing])) == 300


def test_the_reader_interval_covers_a_population_of_readers() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for trial in range(120):
        habits = rng.normal(0.5, 0.12, (12, 1))
        read = (rng.random((12, 80)) < habits).astype(float)
        found = readers_and_images(read, resamples=400, seed=trial)
        hits += found.low <= 0.5 <= found.high
    assert 0.86 <= hits / 120 <= 0.995


def test_frames_of_one_embryo_count_as_one_where_they_are_all_alike() -> None:
    rng = np.random.default_rng(7)
    embryos = (rng.random((2, 30)) < 0.4).astype(float)
    frames, shown = np.repeat(embryos, 4, axis=1), np.repeat(np.arange(30), 4)

    together = readers_and_images(frames, clusters=[shown])

    assert together == readers_and_images(embryos)
    apart = readers_and_images(frames)
    assert together.high - together.low > apart.high - apart.low


def test_the_interval_over_embryos_covers_other_embryos() -> None:
    """Six frames each of twenty embryos that differ, one reader: by frame the interval is too narrow."""
    rng = np.random.default_rng(8)
    shown, held = np.repeat(np.arange(20), 6), np.zeros(2)
    for trial in range(120):
        habits = np.repeat(rng.beta(0.4, 0.4, 20), 6)
        read = (rng.random((1, 120)) < habits).astype(float)
        found = [readers_and_images(read, resamples=400, seed=trial, clusters=c) for c in ((), [shown])]
        held += [interval.low <= 0.5 <= interval.high for interval in found]
    by_frame, by_embryo = held / 120
    assert by_frame < 0.8
    assert 0.86 <= by_embryo <= 0.995


def test_a_difference_of_groups_covers_other_readers_of_both() -> None:
    """Two readers who each rate one batch better by .3 and .1: the same readers are drawn for both."""
    rng = np.random.default_rng(6)
    old = (rng.random((2, 150)) < np.array([[0.2], [0.4]])).astype(float)
    new = (rng.random((2, 150)) < np.array([[0.5], [0.5]])).astype(float)

    found = readers_and_images(new, old, figure=lambda means: means[..., 0] - means[..., 1])

    assert found.value == pytest.approx(new.mean() - old.mean())
    assert found.low < 0.1 + 0.05
    assert found.high > 0.3 - 0.05


def test_the_plan_says_when_the_two_kinds_are_uneven_or_one_is_missing() -> None:
    assert UNEVEN in power_words(Mode.CHOICE, [100], 25)
    assert UNEVEN not in power_words(Mode.CHOICE, [100], 80)
    assert "Without real images" in power_words(Mode.CHOICE, [100], 0)[0]
    assert power_words(Mode.RATE, [40, 10], 0)[1].startswith("40 and 10 images of the models")
