"""A grading scheme: fields, keys, rules and the grouping into classes. A scheme is data (TOML).

The raw grade is what is stored; the quality group is derived from it and may be derived again otherwise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import EXPANSIONS, Grade, parse_grade


@dataclass(frozen=True)
class Group:
    """A class that grades are grouped into."""

    name: str
    title: str
    letter: str
    """Shown beside the colour, so that colour never is the only carrier of meaning."""
    shape: str
    """`circle`, `square`, `triangle`, `diamond`, ..."""
    colour: str
    """A colour-blind-safe hue, `#rrggbb`."""


@dataclass(frozen=True)
class Scheme:
    """A grading scheme, as read from `resources/schemes/*.toml`."""

    name: str
    title: str
    source: str
    letters: tuple[str, ...]
    """ICM and TE letters in order of falling quality."""
    letters_from: int
    """ICM and TE are graded from this expansion on."""
    groups: tuple[Group, ...]
    """In the order of the class indices."""
    grouping: Mapping[str, str]
    """Key of a grade (see `key_fields`) to a group's name."""
    key_fields: tuple[str, ...]
    """What makes the key: `("icm", "te")`, or `("expansion", "icm", "te")`."""
    training_expansions: tuple[int, ...]
    """Only these expansions enter training."""

    def group_of(self, grade: Grade) -> Group | None:
        """The group of a grade, or None where the scheme gives none (letters missing).

        Letters at an expansion at which the scheme grades none do not count.
        """
        early = grade.expansion < self.letters_from
        fields = [field for field in self.key_fields if not early or field == "expansion"]
        key = "".join(str(getattr(grade, field) or "") for field in fields)
        name = self.grouping.get(key)
        return next((group for group in self.groups if group.name == name), None)

    def explain(self, grade: Grade) -> str:
        """One sentence that says why the grade has its group."""
        group = self.group_of(grade)
        if group is None and (grade.expansion < self.letters_from or not (grade.icm or grade.te)):
            return f"ICM and TE are graded from expansion {self.letters_from} on: no group."
        if group is None and not grade.whole:
            return f"{'ICM' if grade.icm is None else 'TE'} was not assessed: no group."
        lettered = grade.icm is not None and grade.expansion >= self.letters_from
        pair = f"ICM {grade.icm}, TE {grade.te}" if lettered else f"Expansion {grade.expansion}"
        if group is None:
            return f"{pair} has no group in {self.title}."
        suffix = ""
        if grade.expansion not in self.training_expansions:
            suffix = f"; expansion {grade.expansion} stays out of training"
        said = "a group of its own" if group.title.endswith(pair) else group.title.lower()
        return f"{pair} is {said}{suffix}."

    def check_letters(self, grade: Grade) -> None:
        """Checks that the scheme has the grade's letters.

        Raises:
            UserError: it lacks one.
        """
        for letter in (grade.icm, grade.te):
            if letter is not None and letter not in self.letters:
                raise UserError(f"{self.title} has no letter {letter}; use {', '.join(self.letters)}.")

    def check(self, grade: Grade, letters_may_lack: bool = False) -> None:
        """Checks a grade that a person types against the scheme's rules.

        Raises:
            UserError: the scheme lacks a letter, or asks for letters that are missing or too early.
        """
        self.check_letters(grade)
        if not grade.whole and not letters_may_lack and grade.expansion >= self.letters_from:
            raise UserError(
                f"Expansion {grade.expansion} needs ICM and TE letters, such as {grade.expansion}AB."
            )
        if (grade.icm or grade.te) and grade.expansion < self.letters_from:
            raise UserError(
                f"At expansion {grade.expansion} ICM and TE cannot be graded yet: "
                f"write {grade.expansion} alone."
            )


def is_grade(words: str) -> bool:
    """Whether these words are a Gardner grade, such as 4AB."""
    try:
        parse_grade(words)
    except UserError:
        return False
    return True


def class_named(words: str, scheme: Scheme) -> str:
    """The class that a class's name or a grade means; empty where it means none in the scheme."""
    if any(group.name == words for group in scheme.groups):
        return words
    group = scheme.group_of(parse_grade(words)) if is_grade(words) else None
    return "" if group is None else group.name


def parse_scheme(text: str) -> Scheme:
    """Reads a scheme from TOML.

    Raises:
        UserError: not TOML, or a field is missing or impossible; the sentence names it.
    """
    try:
        scheme = _scheme(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"The grading scheme is not valid TOML: {error}.") from error
    except KeyError as error:
        raise UserError(f"The grading scheme lacks the field {error}.") from error
    _check_fields(scheme)
    return scheme


def _check_fields(scheme: Scheme) -> None:
    unknown = set(scheme.key_fields) - {"expansion", "icm", "te"}
    if unknown:
        raise UserError(
            f"The grading scheme {scheme.name} groups by {', '.join(unknown)}, which no grade has."
        )
    if scheme.letters_from not in EXPANSIONS:
        raise UserError(
            f"The grading scheme {scheme.name} has letters_from {scheme.letters_from}: write 1 to 6."
        )


def _scheme(value: Mapping[str, Any]) -> Scheme:
    return Scheme(
        name=value["name"],
        title=value["title"],
        source=value["source"],
        letters=tuple(value["letters"]),
        letters_from=value["letters_from"],
        groups=tuple(
            Group(g["name"], g["title"], g["letter"], g["shape"], g["colour"]) for g in value["groups"]
        ),
        grouping=_grouping(value["groups"]),
        key_fields=tuple(value["key_fields"]),
        training_expansions=tuple(value["training_expansions"]),
    )


def _grouping(groups: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    grouping: dict[str, str] = {}
    for group in groups:
        for key in group["grades"]:
            if key in grouping:
                raise UserError(f"The grading scheme puts {key} in {grouping[key]} and in {group['name']}.")
            grouping[key] = group["name"]
    return grouping
