"""Scores agree with closed forms, with SciPy and with hand-made cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gan.metrics.bootstrap import bootstrap_by_embryo
from gan.metrics.frechet import frechet_distance
from gan.metrics.inception_score import inception_score
from gan.metrics.kernel import kernel_distance, squared_mmd
from gan.metrics.manifold import manifold
from gan.metrics.near_copy import copy_threshold, nearest_real, orientations

RNG = np.random.default_rng(3)


def with_moments(n: int, mean: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """n rows whose sample mean and unbiased covariance are exactly these (diagonal)."""
    x = np.random.default_rng(n).standard_normal((n, len(mean)))
    x -= x.mean(0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T
    return x * deviations + mean


def test_frechet_distance_is_the_closed_form_for_diagonal_gaussians() -> None:
    m1, m2 = np.array([0.0, 1.0, 2.0]), np.array([1.0, -1.0, 2.5])
    s1, s2 = np.array([1.0, 2.0, 0.5]), np.array([2.0, 2.0, 1.5])
    expected = ((m1 - m2) ** 2).sum() + ((s1 - s2) ** 2).sum()
    assert frechet_distance(with_moments(50, m1, s1), with_moments(70, m2, s2)) == pytest.approx(
        expected, rel=1e-9
    )


def test_frechet_distance_agrees_with_scipys_matrix_root() -> None:
    x, y = RNG.standard_normal((80, 12)) @ RNG.standard_normal((12, 12)), RNG.standard_normal((90, 12))
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    d = x.mean(0) - y.mean(0)
    expected = d @ d + np.trace(s1 + s2 - 2 * np.real(np.asarray(sqrtm(s1 @ s2))))
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-8)


def test_frechet_distance_of_a_set_to_itself_is_zero_even_with_fewer_images_than_features() -> None:
    x = RNG.standard_normal((20, 64))
    assert abs(frechet_distance(x, x)) < 1e-6


def test_kernel_distance_is_the_double_sum_of_its_definition() -> None:
    x, y = RNG.standard_normal((7, 4)), RNG.standard_normal((9, 4)) + 1

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / 4 + 1) ** 3)

    xx = sum(k(x[i], x[j]) for i in range(7) for j in range(7) if i != j) / (7 * 6)
    yy = sum(k(y[i], y[j]) for i in range(9) for j in range(9) if i != j) / (9 * 8)
    xy = sum(k(a, b) for a in x for b in y) / 63
    assert squared_mmd(x, y) == pytest.approx(xx + yy - 2 * xy, rel=1e-12)


def test_kernel_distance_averages_to_zero_for_equal_distributions() -> None:
    values = [squared_mmd(RNG.standard_normal((40, 8)), RNG.standard_normal((40, 8))) for _ in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(300)


def test_kernel_distance_keeps_its_subsets_below_n() -> None:
    result = kernel_distance(RNG.standard_normal((50, 4)), RNG.standard_normal((60, 4)), subsets=3)
    assert result.subset_size == 45


def test_inception_score_is_one_for_undecided_and_the_class_count_for_sure_and_varied_answers() -> None:
    assert inception_score(np.zeros((30, 5)))[0] == pytest.approx(1.0)
    sure = np.tile(np.eye(5) * 1000, (20, 1))
    assert inception_score(sure, splits=2)[0] == pytest.approx(5.0)


def test_manifold_scores_of_a_set_with_itself_are_full_and_of_distant_sets_empty() -> None:
    x = RNG.standard_normal((40, 3))
    same, apart = manifold(x, x.copy()), manifold(x, x + 100)
    assert (same.precision, same.recall, same.coverage) == (1.0, 1.0, 1.0)
    assert (apart.precision, apart.recall, apart.density, apart.coverage) == (0.0, 0.0, 0.0, 0.0)


def test_manifold_scores_of_a_line_are_those_counted_by_hand() -> None:
    """Real 0, 1, 2, 3 with k = 1: radius 1 each. Generated 0.5 lies in the balls of 0 and 1; 10 in none."""
    real = np.array([[0.0], [1.0], [2.0], [3.0]])
    generated = np.array([[0.5], [10.0]])
    result = manifold(real, generated, neighbours=1)
    assert result.precision == 0.5
    assert result.density == pytest.approx((2 + 0) / 1 / 2)
    assert result.coverage == 0.5
    assert result.recall == 1.0  # radius 9.5 around both generated points reaches all


def test_a_collapsed_generator_keeps_precision_and_loses_recall() -> None:
    real = RNG.standard_normal((200, 2))
    collapsed = real[:1] + RNG.standard_normal((200, 2)) * 0.01
    result = manifold(real, collapsed)
    assert result.precision > 0.95
    assert result.recall < 0.1


def test_the_interval_by_embryo_is_wider_than_by_frame_when_frames_repeat() -> None:
    """Ten embryos of twenty equal frames hold ten values, not two hundred."""
    values = np.repeat(RNG.standard_normal(10), 20)
    embryos = [f"E{i}" for i in np.repeat(np.arange(10), 20)]

    def mean(real: np.ndarray, _generated: np.ndarray) -> float:
        return float(values[real].mean())

    by_embryo = bootstrap_by_embryo(mean, embryos, 1)
    by_frame = bootstrap_by_embryo(mean, [str(i) for i in range(200)], 1)
    assert by_embryo.clusters == 10
    assert by_embryo.high - by_embryo.low > 2 * (by_frame.high - by_frame.low)


def test_a_turned_and_mirrored_copy_is_found_in_its_orientation() -> None:
    real = RNG.random((6, 8, 8))
    flat = orientations(real).reshape(8, 6, -1)
    copy = np.rot90(real[4][:, ::-1], 3) + 1e-6
    threshold = copy_threshold(flat, list("abcdef"))
    strange = RNG.random((8, 8))
    found = nearest_real(np.stack([copy.ravel(), strange.ravel()]), flat, threshold)
    assert (found[0].real, found[0].orientation, found[0].near_copy) == (4, 7, True)
    assert found[0].distance < 1e-4


def test_the_eight_orientations_are_different_and_complete() -> None:
    image = np.arange(16).reshape(1, 4, 4)
    assert len({view.tobytes() for view in orientations(image)}) == 8
