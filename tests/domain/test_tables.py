"""Tables as laboratories write them."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.tables import parse_rows, parse_table, parse_yes


@pytest.mark.parametrize(
    "data",
    [
        b"name,value\nOlga,4\n",
        b"name;value;\r\n\r\nOlga;4;\r\n",
        b"\xef\xbb\xbfName\tVALUE\rOlga\t4\r",
        "name,value\nOlga,4\n".encode("utf-16"),
    ],
)
def test_separators_line_ends_and_encodings_are_recognised(data: bytes) -> None:
    ((_, row),) = parse_table(data, "t.csv", ("name",))
    assert (row["name"], row["value"]) == ("Olga", "4")


def test_windows_1252_is_understood_where_utf_8_is_not() -> None:
    assert parse_rows("Zoë;3\n".encode("cp1252"), "t.csv") == [(1, ["Zoë", "3"])]


def test_line_numbers_are_those_of_the_file() -> None:
    rows = parse_table(b"a,b\n\n1,2\n\n3\n", "t.csv", ("a",))
    assert [(number, dict(row)) for number, row in rows] == [
        (3, {"a": "1", "b": "2"}),
        (5, {"a": "3", "b": ""}),
    ]


def test_a_table_without_its_column_is_refused() -> None:
    with pytest.raises(UserError, match=r"“t\.csv” has no column “image” or “sha256”"):
        parse_table(b"a,b\n", "t.csv", ("image", "sha256"))


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("true", True), ("0", False), ("no", False), ("", None)]
)
def test_yes_and_no_are_read_as_people_write_them(text: str, value: bool | None) -> None:
    assert parse_yes(text, "gradable") is value


def test_anything_else_than_yes_and_no_is_refused() -> None:
    with pytest.raises(UserError, match="“perhaps” in the column gradable is neither yes nor no"):
        parse_yes("perhaps", "gradable")
