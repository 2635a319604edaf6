"""Grading schemes: the shipped ones against domain.md's table, and the rules they impose."""

import math
from itertools import combinations, product

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade, parse_grade
from blasto_annotator.domain.schemes import parse_scheme
from blasto_annotator.store.schemes import DEFAULT_SCHEME, load_scheme, scheme_names
from gan.contract.resources import resource

# The groups of the two schemes that domain.md spells out: ICM letter, then TE letter.
PUBLISHED = {
    "gardner-3group": {"good": "AA AB", "average": "BB AC BA", "poor": "CC BC CB CA"},
    "abdala-3group": {"good": "AA AB BA", "fair": "BB", "poor": "AC BC CA CB CC"},
}
OKABE_ITO = {
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#999999",
}


def test_the_five_schemes_ship_and_the_default_comes_first() -> None:
    names = ["abdala-3group", "gardner-3group", "gardner-9", "gardner-full", "istanbul-2025"]

    assert sorted(scheme_names()) == names
    assert scheme_names()[0] == DEFAULT_SCHEME == "gardner-3group"


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("expansion", [2, 3, 4, 5, 6])
def test_every_letter_pair_has_the_published_group_at_every_expansion(name: str, expansion: int) -> None:
    scheme = load_scheme(name)
    expected = {pair: group for group, pairs in PUBLISHED[name].items() for pair in pairs.split()}

    found = {i + t: scheme.group_of(Grade(expansion, i, t)) for i, t in product("ABC", repeat=2)}

    assert {pair: group.name for pair, group in found.items() if group} == expected


def test_icm_comes_first_so_ac_and_ca_differ() -> None:
    scheme = load_scheme("gardner-3group")

    groups = [scheme.group_of(parse_grade(text)) for text in ("4AC", "4CA")]

    assert [group.name for group in groups if group] == ["average", "poor"]


@pytest.mark.parametrize(
    ("name", "classes"),
    [("gardner-3group", 3), ("abdala-3group", 3), ("gardner-9", 9), ("istanbul-2025", 16)],
)
def test_each_scheme_has_its_classes(name: str, classes: int) -> None:
    assert len(load_scheme(name).groups) == classes


def test_the_full_scheme_tells_expansions_apart() -> None:
    scheme = load_scheme("gardner-full")

    names = {text: scheme.group_of(parse_grade(text)) for text in ("3AB", "4AB", "1")}

    assert {text: group.name for text, group in names.items() if group} == {
        "3AB": "3AB",
        "4AB": "4AB",
        "1": "1",
    }


def test_only_istanbul_has_the_letter_d() -> None:
    assert [name for name in scheme_names() if "D" in load_scheme(name).letters] == ["istanbul-2025"]


@pytest.mark.parametrize(
    "name", ["gardner-3group", "gardner-9", "gardner-full", "istanbul-2025", "abdala-3group"]
)
def test_groups_differ_in_name_letter_and_look_and_use_safe_hues(name: str) -> None:
    groups = load_scheme(name).groups

    assert {group.colour.upper() for group in groups} <= OKABE_ITO
    for one, other in combinations(groups, 2):
        assert one.name != other.name
        assert one.letter != other.letter
    if len(groups) == 3:
        assert len({group.colour for group in groups}) == len({group.shape for group in groups}) == 3


@pytest.mark.parametrize(
    "name", ["gardner-3group", "gardner-9", "gardner-full", "istanbul-2025", "abdala-3group"]
)
def test_every_possible_grade_of_a_scheme_has_exactly_one_group(name: str) -> None:
    scheme = load_scheme(name)
    size = len(scheme.letters) ** 2

    graded = {text for text in scheme.grouping if text != "1"}

    assert len(graded) == size * (5 if "expansion" in scheme.key_fields else 1)
    assert math.isclose(len(set(scheme.grouping.values())), len(scheme.groups))


def test_expansion_one_has_no_group_and_the_reason_is_said() -> None:
    scheme = load_scheme("gardner-3group")

    assert scheme.group_of(Grade(1)) is None
    assert "expansion 2" in scheme.explain(Grade(1))


def test_the_reason_names_the_group_and_says_what_stays_out_of_training() -> None:
    scheme = load_scheme("gardner-3group")

    assert scheme.explain(parse_grade("4AB")) == "ICM A, TE B is good."
    assert scheme.explain(parse_grade("5AB")) == "ICM A, TE B is good; expansion 5 stays out of training."


@pytest.mark.parametrize(
    ("text", "words"), [("4", "needs ICM and TE"), ("1AB", "cannot be graded yet"), ("4AD", "no letter D")]
)
def test_a_grade_against_the_rules_is_refused_with_the_rule(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        load_scheme("gardner-3group").check(parse_grade(text))


def test_a_letter_that_was_not_assessed_makes_no_group_and_is_typed_by_nobody() -> None:
    for name in scheme_names():
        scheme = load_scheme(name)
        assert scheme.group_of(parse_grade("4?B")) is None
        assert scheme.explain(parse_grade("4?B")) == "ICM was not assessed: no group."
        scheme.check(parse_grade("4A?"), letters_may_lack=True)
        with pytest.raises(UserError, match="needs ICM and TE"):
            scheme.check(parse_grade("4A?"))


def test_letters_that_come_too_early_do_not_count() -> None:
    for name in scheme_names():
        scheme = load_scheme(name)
        scheme.check_letters(parse_grade("1AA"))
        with pytest.raises(UserError, match="cannot be graded yet"):
            scheme.check(parse_grade("1?A"), letters_may_lack=True)
        assert scheme.group_of(parse_grade("1AA")) == scheme.group_of(parse_grade("1"))
        assert scheme.explain(parse_grade("1AA")) == scheme.explain(parse_grade("1"))


def test_grades_within_the_rules_pass() -> None:
    for text in ("1", "2CC", "4AB", "6AA"):
        load_scheme("gardner-3group").check(parse_grade(text))
    load_scheme("istanbul-2025").check(parse_grade("4DD"))


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="gardner-3group") as caught:
        load_scheme("../../etc/passwd")

    assert "passwd" in str(caught.value)


def test_broken_schemes_are_refused_with_what_is_wrong() -> None:
    text = resource("schemes", "gardner-3group.toml").read_text()

    for broken, words in [
        ("name = ", "TOML"),
        (text.replace("letters_from", "letters_form"), "letters_from"),
        (text.replace('"BB"', '"AB"'), "AB"),
        (text.replace('key_fields = ["icm", "te"]', 'key_fields = ["icm", "zona"]'), "zona"),
        (text.replace("letters_from = 2", 'letters_from = "two"'), "letters_from"),
    ]:
        with pytest.raises(UserError, match=words):
            parse_scheme(broken)
