"""A grade while it is typed."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.grades import Grade
from blasto_annotator.gui.label.entry import PendingGrade, complete, take_back, type_key
from blasto_annotator.store import load_scheme

GARDNER = load_scheme("gardner-3group")


def typed(keys: str, scheme: str = "gardner-3group") -> PendingGrade:
    pending = PendingGrade()
    for key in keys:
        pending = type_key(pending, key, load_scheme(scheme)).pending
    return pending


@pytest.mark.parametrize("keys", ["4AB", "4A5B", "34AB"])
def test_expansion_then_icm_then_te_makes_a_grade(keys: str) -> None:
    grade = complete(typed(keys), GARDNER)
    assert grade is not None
    assert (grade.icm, grade.te) == ("A", "B")


def test_an_early_expansion_needs_no_letters() -> None:
    assert complete(typed("1"), GARDNER) == Grade(1)


def test_two_of_three_parts_are_no_grade() -> None:
    assert complete(typed("4A"), GARDNER) is None


def test_a_later_digit_replaces_the_expansion_and_keeps_the_letters() -> None:
    assert typed("3A4") == PendingGrade(4, "A", None)


def test_a_letter_before_the_expansion_gets_a_hint() -> None:
    result = type_key(PendingGrade(), "A", GARDNER)
    assert not result.pending
    assert "expansion" in result.hint.lower()


def test_a_letter_that_the_scheme_lacks_gets_a_hint() -> None:
    result = type_key(typed("4"), "D", GARDNER)
    assert result.pending == PendingGrade(4)
    assert "A, B, C" in result.hint


def test_the_istanbul_scheme_takes_d() -> None:
    assert typed("4DC", "istanbul-2025") == PendingGrade(4, "D", "C")


def test_taking_back_goes_from_the_last_part_to_the_first() -> None:
    steps = [typed("4AB")]
    for _ in range(3):
        steps.append(take_back(steps[-1]))
    assert [str(step) for step in steps] == ["4AB", "4A·", "4··", "···"]
