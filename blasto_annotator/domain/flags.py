"""Flags: marks that a person puts on a frame, beside any grade. Append-only like labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from blasto_annotator.domain.errors import UserError

FLAGS = ("teaching case", "ask a colleague", "check the image", "look again")
"""Names that the window offers. They say nothing of the grade, so colleagues may see them at once."""
LONGEST = 60


@dataclass(frozen=True)
class Flag:
    """One row of the flag table."""

    id: int
    frame_id: int
    sha256: str
    """Content hash of the image that was on screen."""
    who: str
    flag: str
    raised: bool
    """False: this row takes the flag off."""
    note: str
    time_utc: datetime


def flag_name(text: str) -> str:
    """A flag's name as it is stored: one line, in small letters.

    Raises:
        UserError: empty or too long.
    """
    name = " ".join(text.split()).casefold()
    if not name:
        raise UserError("A flag needs a name, such as “ask a colleague”.")
    if len(name) > LONGEST:
        raise UserError(f"A flag's name has at most {LONGEST} letters; write the rest as a note.")
    return name


def may_be_seen(flag: Flag, viewer: str, graded: bool) -> bool:
    """Whether `viewer` may see a flag: another's own words only after the viewer's own grade."""
    return flag.who == viewer or graded or flag.flag in FLAGS
