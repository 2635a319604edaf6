"""Which scales have an order, and what a grade says on each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blasto_annotator.domain.grades import Grade, parse_grade
from blasto_annotator.domain.raters_criteria import category, groups_are_ranked, is_ordered, scale
from blasto_annotator.store.schemes import load_scheme


@pytest.mark.parametrize(
    ("name", "ranked"),
    [
        ("gardner-3group", True),
        ("abdala-3group", True),
        ("gardner-9", False),
        ("gardner-full", False),
        ("istanbul-2025", False),
    ],
)
def test_groups_are_a_ranking_only_where_each_two_can_be_compared(name: str, ranked: bool) -> None:
    scheme = load_scheme(name)

    assert groups_are_ranked(scheme) is ranked
    assert is_ordered("group", scheme) is ranked
    assert is_ordered("icm", scheme)


def test_a_grade_says_one_category_on_each_criterion_or_nothing() -> None:
    scheme = load_scheme("gardner-3group")

    words = {text: category("group", parse_grade(text), scheme) for text in ("4AB", "3CB", "1")}

    assert words == {"4AB": "good", "3CB": "poor", "1": None}
    assert category("icm", parse_grade("1"), scheme) is None
    assert category("expansion", parse_grade("1"), scheme) == "1"
    assert category("te", None, scheme) is None
    assert scale("icm", scheme) == ("A", "B", "C")


def test_letters_at_an_expansion_that_shows_none_by_the_scheme_do_not_count() -> None:
    later = replace(load_scheme("gardner-3group"), letters_from=3)
    too_early = Grade(2, "A", "B")

    assert [category(name, too_early, later) for name in ("expansion", "icm", "te", "group")] == [
        "2",
        None,
        None,
        None,
    ]
    assert category("group", Grade(3, "A", "B"), later) == "good"
