"""Grades as an embryologist writes them."""

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade, parse_grade


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("4AB", Grade(4, "A", "B")),
        ("4ab", Grade(4, "A", "B")),
        (" 3 b C ", Grade(3, "B", "C")),
        ("6DD", Grade(6, "D", "D")),
        ("1", Grade(1)),
        ("4A?", Grade(4, "A", None)),
        ("4?b", Grade(4, None, "B")),
    ],
)
def test_a_grade_is_read_as_it_is_written(text: str, grade: Grade) -> None:
    assert parse_grade(text) == grade


def test_the_icm_letter_comes_before_the_te_letter() -> None:
    grade = parse_grade("4AB")  # domain.md: 4AB is expansion 4, ICM A, TE B

    assert (grade.icm, grade.te) == ("A", "B")


@pytest.mark.parametrize("text", ["", "AB", "7AB", "0AB", "4A", "4AE", "4ABC", "44AB", "3A-A-", "４AB"])
def test_anything_else_is_refused_with_the_text_named(text: str) -> None:
    with pytest.raises(UserError, match="Gardner") as caught:
        parse_grade(text)

    assert text in str(caught.value)


@pytest.mark.parametrize("text", ["4AB", "1", "2CC", "4?B", "3A?"])
def test_a_grade_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_grade(text)) == text


@pytest.mark.parametrize("parts", [(0, "A", "A"), (7, "A", "A"), (4, "E", "A"), (4, None, "?")])
def test_an_impossible_grade_cannot_be_made(parts: tuple[int, str | None, str | None]) -> None:
    with pytest.raises(ValueError, match=r"expansion|letter"):
        Grade(*parts)
