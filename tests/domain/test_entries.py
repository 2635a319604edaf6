"""What a label and a verdict may say."""

import pytest

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import NOT_GRADABLE_REASONS, LabelEntry
from blasto_annotator.domain.reviews import DEFECTS, Realism, Verdict


def test_a_grade_makes_an_entry_gradable() -> None:
    assert LabelEntry(parse_grade("4AB")).gradable


@pytest.mark.parametrize("reason", NOT_GRADABLE_REASONS)
def test_a_reason_makes_an_entry_without_a_grade(reason: str) -> None:
    assert not LabelEntry(None, reason).gradable


def test_neither_grade_nor_reason_is_no_entry() -> None:
    with pytest.raises(ValueError, match="reason"):
        LabelEntry(None)


def test_wrong_class_may_stand_alone() -> None:
    assert Verdict(None, wrong_class=True).wrong_class


def test_realism_and_wrong_class_are_independent() -> None:
    assert Verdict(Realism.PERFECT, wrong_class=True).realism is Realism.PERFECT


def test_a_verdict_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="realism, wrong class or an answer"):
        Verdict(None)


def test_only_listed_defects_are_taken() -> None:
    assert Verdict(Realism.MINOR_FLAWS, defects=tuple(DEFECTS)).defects == tuple(DEFECTS)
    with pytest.raises(ValueError, match="halo"):
        Verdict(Realism.MINOR_FLAWS, defects=("halo",))
