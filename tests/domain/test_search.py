"""A typed filter as an embryologist writes it."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.search import Term, complete, open_quote, parse_search


def test_terms_are_read_side_by_side() -> None:
    assert parse_search('hpi>110 group:good -phase:tB flag:"ask a colleague" AA83') == (
        Term("hpi", ">", "110"),
        Term("group", ":", "good"),
        Term("phase", ":", "tB", negated=True),
        Term("flag", ":", "ask a colleague"),
        Term("name", ":", "AA83"),
    )


def test_names_with_hyphens_are_one_word() -> None:
    assert parse_search("PA731-2-3") == (Term("name", ":", "PA731-2-3"),)


def test_a_range_has_bounds_and_may_be_open() -> None:
    assert parse_search("hpi:100..110,5")[0].bounds == (100.0, 110.5)
    assert parse_search("plane:-15")[0].bounds == (-15.0, -15.0)
    assert parse_search("hpi:110..")[0].bounds == (110.0, None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("colour:blue", "no field “colour”"),
        ("hpi>late", "hpi needs a number"),
        ("is:odd", "unlabelled"),
        ("phase>tB", "phase:value"),
        ("note:", "Write what note should be"),
    ],
)
def test_what_cannot_be_searched_is_said(typed: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        parse_search(typed)


def test_a_state_may_be_cut_short_where_only_one_begins_so() -> None:
    assert parse_search("is:unl -is:Lab") == (
        Term("is", ":", "unlabelled"),
        Term("is", ":", "labelled", negated=True),
    )
    with pytest.raises(UserError, match="“is:” knows unlabelled"):
        parse_search("is:no")


def test_half_a_quote_is_taken_as_it_stands() -> None:
    assert parse_search('flag:"ask a') == (Term("flag", ":", "ask a"),)


def test_an_open_quote_is_found_whatever_mark_was_typed() -> None:
    assert open_quote('group:good flag:"ask a ') == "ask a"
    assert open_quote("note:“two zonae") == "two zonae"
    assert open_quote('flag:"ask a colleague" E1') == ""
    assert open_quote("E1") == ""


def test_marks_of_word_processors_are_quotes() -> None:
    assert parse_search("flag:“ask a colleague” E1") == parse_search('flag:"ask a colleague" E1')


VALUES = {"flag": ["ask a colleague", "teaching case"], "phase": ["tB", "tEB"]}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("hpi>110 fl", ["hpi>110 flag:"]),
        ("flag:as", ['flag:"ask a colleague"']),
        ('hpi>1 flag:"ask a c', ['hpi>1 flag:"ask a colleague"']),
        ("-phase:te", ["-phase:tEB"]),
        ("is:un", ["is:unlabelled"]),
        ("AA83", []),
    ],
)
def test_the_last_word_is_completed(typed: str, offered: list[str]) -> None:
    assert complete(typed, VALUES) == offered


def test_an_empty_word_offers_every_field() -> None:
    assert complete("group:good ", VALUES)[:2] == ["group:good hpi>", "group:good group:"]
