"""What a run measures of itself."""

from __future__ import annotations

import math

import pytest
import torch

from gan.training.progress import Due, Means, Pace


def test_a_mean_is_over_the_steps_that_had_the_value() -> None:
    means = Means()
    means.add({"loss": torch.tensor(1.0), "r1": 5.0})
    means.add({"loss": torch.tensor(2.0)})

    assert means.values() == {"loss": 1.5, "r1": 5.0}
    means.clear()
    assert means.values() == {}


def test_a_value_that_is_no_number_shows_in_its_mean() -> None:
    means = Means()
    means.add({"loss": torch.tensor(1.0)})
    means.add({"loss": torch.tensor(float("nan"))})
    means.add({"loss": torch.tensor(1.0)})

    assert math.isnan(means.values()["loss"])


def test_the_pace_forgets_a_slow_start_after_its_window() -> None:
    pace = Pace(window_seconds=10, least_marks=2)
    pace.mark(0.0, 0)
    assert pace.seconds_per_kimg() is None
    pace.mark(100.0, 1000)  # the first thousand took long
    assert pace.seconds_per_kimg() == pytest.approx(100)

    for second in range(1, 12):
        pace.mark(100.0 + second, 1000 + 500 * second)

    assert pace.seconds_per_kimg() == pytest.approx(2)


def test_something_is_due_once_at_each_multiple() -> None:
    due = Due(0.004, 0)

    assert [due.reached(seen) for seen in (2, 4, 6, 8, 10, 12)] == [False, True, False, True, False, True]


def test_a_resume_keeps_step_with_the_multiples() -> None:
    due = Due(0.01, 25)

    assert not due.reached(29)
    assert due.reached(30)
    assert due.reached(50)
    assert not due.reached(59)


def test_what_is_due_every_fraction_of_an_image_is_due_at_every_image() -> None:
    due = Due(0.0001, 0)

    assert due.reached(1)
    assert due.reached(2)
