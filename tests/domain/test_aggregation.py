"""Majority, one-coin and Dawid-Skene: the published example, and truths that were simulated."""

from __future__ import annotations

import numpy as np
import pytest

from blasto_annotator.domain.aggregation import counts_of, dawid_skene, majority, one_coin
from blasto_annotator.domain.raters import make_ratings

ANAESTHETISTS = """
111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3|222 2 2 2 3
232 2 2 2 3|444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1|111 1 1 1 1|111 1 1 1 1
222 2 2 2 1|222 1 3 2 2|222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2|111 1 1 1 1|111 1 1 1 1|232 2 2 2 2
111 1 1 1 1|111 1 1 1 1|112 1 1 2 1|111 1 1 1 1|333 3 2 3 3|111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 4 3 4 3
221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1|111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2
"""
"""Dawid and Skene (1979), table 1: 45 patients, five anaesthetists; the first read each form three times."""


def anaesthetists() -> np.ndarray:
    patients = [cell.split() for line in ANAESTHETISTS.split("\n") for cell in line.split("|") if cell]
    counts = np.zeros((5, len(patients), 4))
    for number, readings in enumerate(patients):
        for observer, answers in enumerate(readings):
            for answer in answers:
                counts[observer, number, int(answer) - 1] += 1
    return counts


def test_dawid_and_skenes_own_example_gives_their_class_shares_and_calls() -> None:
    found = dawid_skene(anaesthetists())

    # Their marginals, .40 .42 .11 .07, and the first row of the first observer's error rates, .89 .11 0 0.
    assert found.posterior.shape == (45, 4)
    assert found.shares.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    assert found.errors[0, 0].round(2).tolist() == [0.89, 0.11, 0, 0]


def simulated(seed: int, images: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Five graders over three classes: three good, one who guesses, one who turns the classes round."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, images, p=[0.5, 0.3, 0.2])
    good = [np.where(rng.random(images) < p, truth, rng.integers(0, 3, images)) for p in (0.85, 0.75, 0.7)]
    said = np.stack([*good, rng.integers(0, 3, images), 2 - truth])
    said[rng.random(said.shape) < 0.2] = -1
    return truth, (said[:, :, None] == np.arange(3)).astype(float)


@pytest.mark.parametrize("seed", range(3))
def test_a_simulated_truth_is_recovered_better_than_by_majority(seed: int) -> None:
    truth, counts = simulated(seed)
    rated = counts.sum(axis=(0, 2)) > 0
    voted = counts.sum(axis=0).argmax(axis=1)

    found = dawid_skene(counts)

    right = (found.posterior.argmax(axis=1) == truth)[rated].mean()
    assert right > (voted == truth)[rated].mean() + 0.05
    assert right > 0.95
    assert found.errors[4, 0, 2] > 0.9  # the grader whose classes are turned round is understood
    assert found.reliability[0] > found.reliability[3]


def test_one_coin_weighs_good_graders_more_than_one_who_guesses() -> None:
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 3, 600)
    said = [np.where(rng.random(600) < p, truth, rng.integers(0, 3, 600)) for p in (0.9, 0.8, 0.7, 0.6, 0)]
    counts = (np.stack(said)[:, :, None] == np.arange(3)).astype(float)

    found = one_coin(counts)

    # Right by chance, too: 0.9 + 0.1 / 3 and so on.
    assert found.reliability == pytest.approx([0.933, 0.867, 0.8, 0.733, 0.333], abs=0.05)
    assert found.posterior.sum(axis=1) == pytest.approx(1)


def test_two_graders_who_always_differ_leave_one_coin_undecided() -> None:
    counts = np.zeros((2, 10, 2))
    counts[0, :, 0] = counts[1, :, 1] = 1

    assert one_coin(counts).posterior == pytest.approx(0.5)


def test_images_that_nobody_graded_have_the_shares_of_the_classes() -> None:
    counts = np.zeros((2, 3, 2))
    counts[:, 0, 0] = counts[:, 1, 1] = 1

    assert dawid_skene(counts).posterior[2] == pytest.approx(0.5)
    with pytest.raises(ValueError, match="nobody"):
        dawid_skene(np.zeros((2, 3, 2)))


def test_a_majority_needs_more_than_a_tie() -> None:
    assert majority(["good", "poor", "good"]) == "good"
    assert majority(["good", "poor"]) is None
    assert majority([]) is None


def test_ratings_become_counts() -> None:
    ratings = make_ratings("group", ["x", "y"], False, {"Ada": {"a": "x", "b": "y"}, "Ben": {"b": "x"}})

    assert counts_of(ratings).tolist() == [[[1, 0], [0, 1]], [[0, 0], [1, 0]]]
