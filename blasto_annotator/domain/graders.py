"""Accounts of the people who grade in a project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from blasto_annotator.domain.errors import UserError

SHORTEST_PIN = 4
LONGEST_PIN = 64
LONGEST_NAME = 80


@dataclass(frozen=True)
class Grader:
    """A person who grades."""

    name: str
    has_pin: bool
    may_adjudicate: bool
    active: bool
    created_utc: datetime


def administrators(graders: Iterable[Grader]) -> tuple[str, ...]:
    """Names of the open accounts that look after the project, in the order given; empty while nobody does.

    That is who may adjudicate, as soon as one of them has a PIN: before that anybody could take such a name.
    """
    chiefs = [grader for grader in graders if grader.may_adjudicate and grader.active]
    guarded = any(grader.has_pin for grader in chiefs)
    return tuple(grader.name for grader in chiefs) if guarded else ()


def unguarded(graders: Iterable[Grader]) -> tuple[str, ...]:
    """Names of those who look after the project and have no PIN, though others of them have one."""
    kept = tuple(graders)
    names = administrators(kept)
    return tuple(grader.name for grader in kept if grader.name in names and not grader.has_pin)


def listed(names: Iterable[str]) -> str:
    """`Ana`, `Ana or Ben`, `Ana, Ben or Cleo`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def checked_name(name: str) -> str:
    """The name without blanks around it.

    Raises:
        UserError: nothing is left, it is too long, or it holds control characters.
    """
    kept = " ".join(name.split())
    if not kept:
        raise UserError("A grader needs a name: type it, then try again.")
    if len(kept) > LONGEST_NAME or not kept.isprintable():
        raise UserError(f"“{kept[:LONGEST_NAME]}” is no name: write at most {LONGEST_NAME} letters.")
    return kept


def checked_pin(pin: str) -> str:
    """The PIN as it is.

    Raises:
        UserError: it is too short or too long.
    """
    if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
        raise UserError(f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} characters; choose another one.")
    return pin
