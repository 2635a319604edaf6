"""Gardner grades as an embryologist writes them: 4AB is expansion 4, ICM A, TE B (Gardner 1999).

A letter that was not assessed, such as an ICM that lies out of sight, is written `?`: 4?B.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from blasto_annotator.domain.errors import UserError

EXPANSIONS = (1, 2, 3, 4, 5, 6)
LETTERS = ("A", "B", "C", "D")
"""ICM and TE letters; D is the Istanbul 2025 consensus's fourth step."""

NOT_ASSESSED = "?"
"""Stands for the one of the two letters that is missing."""

_PATTERN = re.compile(r"([1-6])(?:([A-D?])([A-D?]))?")


@dataclass(frozen=True, order=True)
class Grade:
    """A raw grade. A letter is None where the expansion is too early for it, or where it was not assessed."""

    expansion: int
    icm: str | None = None
    te: str | None = None

    def __post_init__(self) -> None:
        if self.expansion not in EXPANSIONS:
            raise ValueError(f"expansion {self.expansion} is not 1 to 6")
        for letter in (self.icm, self.te):
            if letter is not None and letter not in LETTERS:
                raise ValueError(f"letter {letter} is not A to D")

    @property
    def whole(self) -> bool:
        """Whether both letters were given."""
        return self.icm is not None and self.te is not None

    def __str__(self) -> str:
        missing = NOT_ASSESSED if self.icm or self.te else ""
        return f"{self.expansion}{self.icm or missing}{self.te or missing}"


def parse_grade(text: str) -> Grade:
    """Reads `4AB`, `1` or `4?B`, in any case and with spaces.

    Raises:
        UserError: not a Gardner grade.
    """
    match = _PATTERN.fullmatch(re.sub(r"\s", "", text).upper())
    if match is None:
        raise UserError(f"“{text}” is not a Gardner grade; write expansion, ICM and TE, such as 4AB.")
    icm, te = (None if letter == NOT_ASSESSED else letter for letter in match.group(2, 3))
    return Grade(int(match[1]), icm, te)
