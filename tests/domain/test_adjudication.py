"""Only the criterion that decides the group is asked, by the scheme's own logic."""

from __future__ import annotations

from itertools import product

import pytest

from blasto_annotator.domain.adjudication import decided, next_question, outcome, severity
from blasto_annotator.domain.grades import Grade, parse_grade
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store.schemes import load_scheme


@pytest.fixture
def scheme() -> Scheme:
    return load_scheme("gardner-3group")


def grades(text: str) -> list[Grade | None]:
    """`4AB 3BB x`; x is not gradable."""
    return [None if word == "x" else parse_grade(word) for word in text.split()]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("4AB 3BB", "icm"),  # TE is agreed, expansion changes no group
        ("4AA 4AC", "te"),
        ("4AA 4BB", "icm"),  # A makes good with either TE, B makes average with either
        ("4AA 4AB", None),  # both good
        ("1 3BB", "expansion"),
        ("4AA x", "gradable"),
        ("x x", None),
    ],
)
def test_the_criterion_that_decides_is_asked_and_no_other(
    scheme: Scheme, said: str, asked: str | None
) -> None:
    assert next_question(grades(said), scheme, {}) == asked


def test_a_second_criterion_is_asked_only_where_the_first_leaves_it_open(scheme: Scheme) -> None:
    said = grades("4AA 4BC")

    assert next_question(said, scheme, {}) == "icm"
    assert next_question(said, scheme, {"icm": "A"}) == "te"  # AA good, AC average
    assert next_question(said, scheme, {"icm": "B"}) == "te"  # BA average, BC poor
    assert next_question(said, scheme, {"icm": "C"}) is None  # poor, whatever the TE
    assert next_question(said, scheme, {"icm": "A", "te": "B"}) is None


def test_letters_are_asked_where_the_answer_makes_them_necessary(scheme: Scheme) -> None:
    said = grades("1 1 x")

    assert next_question(said, scheme, {"gradable": "yes"}) is None
    assert next_question(grades("1 3AA 3AB"), scheme, {"expansion": "3"}) is None
    assert next_question(grades("1 1 3AA"), scheme, {"expansion": "1"}) is None
    assert next_question(said, scheme, {"gradable": "yes", "expansion": "3"}) in ("icm", "te")


def test_another_scheme_asks_for_another_criterion() -> None:
    full = load_scheme("gardner-full")

    assert next_question(grades("4AB 3AB"), full, {}) == "expansion"
    assert next_question(grades("4AB 3AB"), load_scheme("gardner-9"), {}) is None


def test_what_was_not_asked_is_what_most_graders_said(scheme: Scheme) -> None:
    said = grades("4AB 3BB 4BB")

    assert decided(said, scheme, {"icm": "A"}) == Grade(4, "A", "B")
    assert decided(grades("1 3BB"), scheme, {"expansion": "1"}) == Grade(1)
    assert decided(grades("1 3BB"), scheme, {"expansion": "3"}) == Grade(3, "B", "B")
    assert decided(grades("4AB x"), scheme, {"gradable": "no"}) is None
    assert decided(grades("4AB x"), scheme, {"gradable": "yes"}) == Grade(4, "A", "B")


@pytest.mark.parametrize("name", ["gardner-3group", "abdala-3group", "gardner-9", "gardner-full"])
def test_whatever_two_graders_say_the_questions_end_in_one_outcome(name: str) -> None:
    scheme = load_scheme(name)
    letters = ("A", "B", "C")
    known = [None, Grade(1), *(Grade(e, i, t) for e in (2, 4) for i in letters for t in letters)]
    for first, second in product(known, repeat=2):
        asked = next_question([first, second], scheme, {})
        differ = outcome(first, scheme) != outcome(second, scheme)
        assert asked is not None or not differ, (first, second)
        answers: dict[str, str] = {}
        while (part := next_question([first, second], scheme, answers)) is not None:
            assert part not in answers, (first, second, answers)
            answers[part] = "yes" if part == "gradable" else str(getattr(second or first, part) or "B")
        if second is not None and differ:  # the second grader's answers make the second grader's group
            assert outcome(decided([first, second], scheme, answers), scheme) == outcome(second, scheme)


def test_an_outcome_is_the_group_or_why_there_is_none(scheme: Scheme) -> None:
    assert [outcome(grade, scheme) for grade in grades("4AB 5AC 1 x")] == [
        *("good", "average", "no group", "not gradable")
    ]


def test_far_apart_is_worse_than_near_and_a_lone_voice_less_bad_than_an_even_split(scheme: Scheme) -> None:
    near, far = ["good", "average"], ["good", "poor"]

    assert severity(near, scheme) < severity(far, scheme)
    assert severity([*far, "good", "good"], scheme) < severity([*far, *far], scheme)
    assert severity(["good", "good"], scheme) == 0
    assert severity(["good", "not gradable"], scheme) == severity(far, scheme)
