"""Gardner grades as an embryologist writes them: 4AB is expansion 4, ICM A, TE B (Gardner 1999)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from blasto_annotator.domain.errors import UserError

EXPANSIONS = (1, 2, 3, 4, 5, 6)
LETTERS = ("A", "B", "C", "D")
"""ICM and TE letters; D is the Istanbul 2025 consensus's fourth step."""

_PATTERN = re.compile(r"([1-6])(?:([A-D])([A-D]))?")


@dataclass(frozen=True, order=True)
class Grade:
    """A raw grade. `icm` and `te` are None together, where the expansion is too early to see them."""

    expansion: int
    icm: str | None = None
    te: str | None = None

    def __post_init__(self) -> None:
        if self.expansion not in EXPANSIONS:
            raise ValueError(f"expansion {self.expansion} is not 1 to 6")
        for letter in (self.icm, self.te):
            if letter is not None and letter not in LETTERS:
                raise ValueError(f"letter {letter} is not A to D")
        if (self.icm is None) != (self.te is None):
            raise ValueError("ICM and TE are graded together")

    def __str__(self) -> str:
        return f"{self.expansion}{self.icm or ''}{self.te or ''}"


def parse_grade(text: str) -> Grade:
    """Reads `4AB` or `1`, in any case and with spaces.

    Raises:
        UserError: not a Gardner grade.
    """
    match = _PATTERN.fullmatch(re.sub(r"\s", "", text).upper())
    if match is None:
        raise UserError(f"“{text}” is not a Gardner grade; write expansion, ICM and TE, such as 4AB.")
    return Grade(int(match[1]), match[2], match[3])
