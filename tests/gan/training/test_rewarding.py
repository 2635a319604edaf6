"""The guard over a reward: it speaks once where one part rises and the part kept out does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gan.contract.events import Event
from gan.training.rewarding import KEPT_OUT, USED, Guard


def progress(kimg: float, used: float, kept_out: float) -> Event:
    return Event("progress", 0.0, {"kimg": kimg, "losses": {USED: used, KEPT_OUT: kept_out}})


def notices(guard: Guard, course: Sequence[tuple[float, float, float]]) -> list[tuple[float, str]]:
    said = [(kimg, guard.look(kimg, {USED: used, KEPT_OUT: kept})) for kimg, used, kept in course]
    return [(kimg, notice) for kimg, notice in said if notice]


def course(used: float, kept_out: float, kimg: int = 5) -> list[tuple[float, float, float]]:
    """From 0.3 by so much a kimg, a report every half of one."""
    return [(n / 2, 0.3 + used * n / 2, 0.3 + kept_out * n / 2) for n in range(1, 2 * kimg + 1)]


def test_a_rise_that_only_the_part_in_the_loss_sees_is_told_once() -> None:
    ((kimg, notice),) = notices(Guard(0.0, ()), course(0.1, 0.01))

    assert kimg == 2.0
    assert "learns the scorer, not the expert" in notice
    assert "rise by 0.10 (to 0.47)" in notice
    assert "the part kept out by +0.01" in notice


@pytest.mark.parametrize(("used", "kept_out"), [(0.1, 0.08), (0.1, 0.03), (0.01, 0.0), (-0.05, -0.1)])
def test_a_rise_that_both_see_or_none_is_no_news(used: float, kept_out: float) -> None:
    assert notices(Guard(0.0, ()), course(used, kept_out)) == []


def test_a_run_without_a_reward_has_nothing_to_tell() -> None:
    guard = Guard(0.0, ())
    assert [guard.look(kimg, {"loss_g": 1.0}) for kimg in (1.0, 3.0)] == ["", ""]


def test_a_resumed_run_compares_with_its_own_start_and_counts_nothing_twice() -> None:
    record = [progress(*one) for one in course(0.1, 0.0, 2)[:-1]]
    after_the_checkpoint = progress(4.0, 0.9, 0.3)

    resumed = notices(Guard(1.5, [*record, after_the_checkpoint]), course(0.1, 0.0, 3)[3:])

    assert resumed == notices(Guard(0.0, ()), course(0.1, 0.0, 3))


def test_what_was_told_before_is_not_told_again() -> None:
    ((_, notice),) = notices(Guard(0.0, ()), course(0.1, 0.0))
    record = [progress(*one) for one in course(0.1, 0.0, 2)]

    again = Guard(2.0, [*record, Event("warning", 0.0, {"message": notice})])

    assert notices(again, course(0.1, 0.0)[4:]) == []
