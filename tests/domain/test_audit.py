"""The hash chain: whole as written, broken by every kind of edit."""

from dataclasses import asdict, replace

import pytest

from blasto_annotator.domain.audit import GENESIS, AuditRow, canonical, chained_fields, first_broken, row_hash


def _chain(length: int) -> list[AuditRow]:
    rows: list[AuditRow] = []
    for number in range(1, length + 1):
        previous = rows[-1].hash if rows else GENESIS
        time_utc = f"2025-01-01T00:00:0{number}.000000+00:00"
        row = AuditRow(
            number, time_utc, "ann", "label", "frame:1", "", '{"g":"4AB"}', "", "0.1.0", previous, ""
        )
        rows.append(replace(row, hash=row_hash(previous, chained_fields(row))))
    return rows


def test_a_chain_as_written_is_whole() -> None:
    assert first_broken(_chain(5)) is None
    assert first_broken([]) is None


@pytest.mark.parametrize(
    "field", ["time_utc", "who", "action", "subject", "before", "after", "why", "version"]
)
def test_an_edited_field_shows_at_its_row(field: str) -> None:
    rows = _chain(5)
    rows[2] = AuditRow(**{**asdict(rows[2]), field: "edited"})

    assert first_broken(rows) is rows[2]


def test_an_edit_with_a_fresh_hash_shows_at_the_next_row() -> None:
    rows = _chain(5)
    edited = replace(rows[2], who="bob")
    rows[2] = replace(edited, hash=row_hash(edited.previous, chained_fields(edited)))

    assert first_broken(rows) is rows[3]


def test_a_removed_row_an_inserted_row_and_a_swap_show() -> None:
    rows = _chain(5)

    assert first_broken(rows[:2] + rows[3:]) is rows[3]
    assert first_broken([*rows[:3], rows[2], *rows[3:]]) is rows[2]
    assert first_broken([rows[1], rows[0], *rows[2:]]) is rows[1]


def test_text_cannot_move_from_one_field_to_the_next_unseen() -> None:
    assert row_hash(GENESIS, ["ab", "c"]) != row_hash(GENESIS, ["a", "bc"])
    assert row_hash(GENESIS, ["é"]) != row_hash(GENESIS, ["e\u0301"])


def test_equal_values_have_equal_text() -> None:
    assert canonical({"b": 1, "a": "ж"}) == canonical({"a": "ж", "b": 1}) == '{"a":"ж","b":1}'
    assert canonical(None) == ""


def test_a_value_without_a_standard_text_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"zoom": float("nan")})
