"""A typed filter such as `hpi>110 group:good flag:ask -phase:tB`: its terms, and what can follow.

Terms stand side by side and all must hold. A minus turns a term round; quotes keep words together; a bare
word looks for the embryo's name or couple.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from blasto_annotator.domain.errors import UserError

NUMBERS = ("hpi", "plane", "frame", "expansion")
"""Fields that compare with < and >, or lie in a range `100..110`."""
EMBRYO_FIELDS = ("name", "embryo", "couple", "source")
"""Fields that hold or not of all frames of an embryo alike."""
STATES = ("unlabelled", "labelled", "not-gradable", "flagged", "noted", "inherited")
FIELDS: dict[str, str] = {
    "hpi": "hours post insemination, such as hpi>110 or hpi:100..110",
    "group": "quality group of your grade",
    "grade": "your grade, such as 4AB or 4",
    "expansion": "expansion of your grade",
    "icm": "ICM letter of your grade",
    "te": "TE letter of your grade",
    "is": ", ".join(STATES),
    "flag": "a flag's name, or its beginning",
    "note": "words of your note",
    "reason": "why you found it not gradable",
    "phase": "morphokinetic phase, such as tB",
    "plane": "focal plane in micrometres",
    "frame": "its number in time, as its source counts: frame:250 or frame:1..40",
    "file": "part of its path, such as file:RUN250 (a second or more in millions)",
    "remark": "the source's own remark",
    "embryo": "part of the embryo's name",
    "couple": "part of the couple's code",
    "source": "part of the source's name",
}
"""Field to what it looks for."""

_TERM = re.compile(r'(-?)(?:([A-Za-z]+)(:|<=|>=|<|>|=))?(?:"([^"]*)"?|(\S*))')
_LAST = re.compile(r'(?:[^\s"]|"[^"]*"?)*$')
_QUOTES = str.maketrans("“”„", '"""')
"""Marks that word processors and some keyboards write for it."""
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Term:
    """One condition."""

    field: str
    """One of `FIELDS`; `name` for a bare word."""
    operator: str
    """`:`, `<`, `<=`, `>`, `>=`."""
    value: str
    negated: bool = False

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """(lowest, highest) of a number's range `100..110`; None where it is open.

        Raises:
            UserError: no number.
        """
        low, dots, high = self.value.partition("..")
        if not dots:
            return _number(self.field, low), _number(self.field, low)
        return _open(self.field, low), _open(self.field, high)

    @property
    def number(self) -> float:
        """The number compared with.

        Raises:
            UserError: no number.
        """
        return _number(self.field, self.value)


def parse_search(text: str) -> tuple[Term, ...]:
    """Reads a typed filter.

    Raises:
        UserError: an unknown field or state, or no number where one is needed; the sentence says what can
            be written.
    """
    found = _TERM.finditer(text.translate(_QUOTES))
    return tuple(_checked(match) for match in found if match[0].strip("-"))


def open_quote(text: str) -> str:
    """The words behind a quote that is not closed, which are looked for as they stand; else empty."""
    head, quote, words = text.translate(_QUOTES).rpartition('"')
    return words.strip() if quote and head.count('"') % 2 == 0 else ""


def narrows_frames(text: str) -> bool:
    """Whether a filter that can be read chooses among the frames of an embryo."""
    return any(term.field not in EMBRYO_FIELDS for term in parse_search(text))


def complete(text: str, values: Mapping[str, Iterable[str]]) -> list[str]:
    """What the last word of `text` may become, whole texts; `values` offers the values of fields."""
    match = _LAST.search(text)
    start, last = (match.start(), match[0]) if match is not None else (len(text), "")
    minus, word = ("-", last[1:]) if last.startswith("-") else ("", last)
    field, colon, value = word.partition(":")
    if not colon:
        heads = [f"{name}>" if name == "hpi" else f"{name}:" for name in FIELDS]
        found = [head for head in heads if head.startswith(word.casefold())] if word else heads
    else:
        offered = values.get(field.casefold(), STATES if field.casefold() == "is" else ())
        value = value.strip('"').casefold()
        found = [f"{field}:{quoted(v)}" for v in offered if v.casefold().startswith(value)]
    return [f"{text[:start]}{minus}{each}" for each in found]


def quoted(value: str) -> str:
    """A value as it is typed: in quotes where it has spaces."""
    return f'"{value}"' if " " in value else value


def _checked(match: re.Match[str]) -> Term:
    minus, field, operator, in_quotes, bare = match.groups()
    value = in_quotes if in_quotes is not None else bare
    if not field:
        return Term("name", ":", value, bool(minus))
    name = field.casefold()
    term = Term(name, ":" if operator == "=" else operator, _whole(name, value.strip()), bool(minus))
    if name not in FIELDS:
        raise UserError(f"There is no field “{field}” to search by: use {', '.join(FIELDS)}.")
    if not term.value:
        raise UserError(f"Write what {name} should be: {FIELDS[name]}.")
    _check_value(term)
    return term


def _whole(field: str, value: str) -> str:
    """The state whose only beginning this is, such as `is:unl`; any other value as it is typed."""
    fitting = [state for state in STATES if field == "is" and value and state.startswith(value.casefold())]
    return fitting[0] if len(fitting) == 1 else value


def _check_value(term: Term) -> None:
    if term.field in NUMBERS:
        _ = term.number if term.operator != ":" else term.bounds
    elif term.operator != ":":
        raise UserError(f"Only {', '.join(NUMBERS)} compare with {term.operator}: write {term.field}:value.")
    if term.field == "is" and term.value.casefold() not in STATES:
        raise UserError(f"“is:” knows {', '.join(STATES)}.")


def _open(field: str, text: str) -> float | None:
    return _number(field, text) if text else None


def _number(field: str, text: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise UserError(f"{field} needs a number, such as {field}>110 or {field}:100..110.")
    return float(text.replace(",", "."))
