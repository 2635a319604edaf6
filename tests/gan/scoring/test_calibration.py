"""Calibration and its figures against scikit-learn, formulas by hand and known probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import brier_score_loss, roc_auc_score

from gan.scoring.calibration import auc, auc_within, brier, calibration_error, fit_platt, quality

RANDOM = np.random.RandomState(0)
P = RANDOM.beta(1.5, 2.0, 4000)
TRUTH = RANDOM.rand(4000) < P


def test_auc_and_brier_are_those_of_scikit_learn_with_ties() -> None:
    scores = np.round(P, 1)

    assert auc(scores, TRUTH) == pytest.approx(roc_auc_score(TRUTH, scores))
    assert brier(P, TRUTH) == pytest.approx(brier_score_loss(TRUTH, P))
    assert np.isnan(auc(P, np.ones(4000, bool)))


def test_calibration_error_by_hand() -> None:
    p = np.array([0.12, 0.18, 0.95, 1.0])
    truth = np.array([False, True, True, True])

    assert calibration_error(p, truth) == pytest.approx(2 / 4 * abs(0.15 - 0.5) + 2 / 4 * abs(0.975 - 1))


def test_platt_finds_the_probabilities_behind_stretched_scores() -> None:
    scores = 3 * logit(P) + 2

    found = fit_platt(scores, TRUTH)

    assert found.slope == pytest.approx(1 / 3, abs=0.02)
    assert found.offset == pytest.approx(-2 / 3, abs=0.1)
    assert calibration_error(found(scores), TRUTH) < calibration_error(expit(scores), TRUTH) / 3


def test_few_perfectly_divided_scores_give_no_certainty() -> None:
    found = fit_platt(np.array([-1.0, -2.0, 1.0, 2.0]), np.array([False, False, True, True]))

    p = found(np.array([-2.0, 2.0]))

    assert p == pytest.approx([0.25, 0.75], abs=0.08)  # the targets: 1 / 4 and 3 / 4
    assert fit_platt(np.array([1.0, 2.0]), np.array([True, True]))(np.zeros(1)) == pytest.approx(0.75)


def test_scores_that_run_the_wrong_way_tell_nothing_rather_than_the_opposite() -> None:
    found = fit_platt(np.array([2.0, 1.0, -1.0, -2.0]), np.array([False, False, True, True]))

    assert found.slope == 0
    assert found(np.array([-5.0, 5.0])) == pytest.approx(0.5)


def test_intervals_hold_the_figure_and_narrow_with_images() -> None:
    few, many = (quality(P[:n], TRUTH[:n], 200, 0) for n in (100, 4000))

    assert few is not None
    assert many is not None
    for found in (few, many):
        assert found.auc.low < found.auc.value < found.auc.high
    assert many.auc.high - many.auc.low < (few.auc.high - few.auc.low) / 3
    assert many.brier.value < many.brier_of_share
    assert quality(P[:5], np.zeros(5, bool), 200, 0) is None


def test_rounds_of_unlike_share_are_ranked_each_within_itself() -> None:
    random = np.random.RandomState(3)
    groups = np.repeat([0, 1], 400)
    truth = random.rand(800) < np.where(groups == 0, 0.2, 0.8)
    scores = truth + random.normal(0, 1, 800)
    p = np.clip(0.5 + 0.1 * scores - 0.4 * groups, 0, 1)  # each round calibrated on the other one's share

    found = quality(p, truth, 200, 0, groups)

    assert found is not None
    apart = [auc(p[groups == group], truth[groups == group]) for group in (0, 1)]
    assert min(apart) < found.auc.value < max(apart)
    assert found.auc.low > 0.5 > auc(p, truth)
    assert found.auc.value == pytest.approx(auc_within(p, truth, groups))
