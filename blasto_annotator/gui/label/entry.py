"""A grade while it is being typed or clicked. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from blasto_annotator.domain.grades import EXPANSIONS, Grade
from blasto_annotator.domain.schemes import Scheme


@dataclass(frozen=True)
class PendingGrade:
    """The parts entered so far."""

    expansion: int | None = None
    icm: str | None = None
    te: str | None = None

    def __bool__(self) -> bool:
        return (self.expansion, self.icm, self.te) != (None, None, None)

    def __str__(self) -> str:
        return f"{self.expansion or '·'}{self.icm or '·'}{self.te or '·'}"


@dataclass(frozen=True)
class Typed:
    """What came of a key: the pending grade after it, and a hint where the key did not fit."""

    pending: PendingGrade
    hint: str = ""


def type_key(pending: PendingGrade, char: str, scheme: Scheme, *, after_early: bool = False) -> Typed:
    """A digit sets the expansion; letters set ICM, then TE. A letter before the expansion gets a hint.

    `after_early`: the grade before was complete without letters; letters that follow it meet the rule.
    """
    if char.isdigit() and int(char) in EXPANSIONS:
        return Typed(replace(pending, expansion=int(char)))
    if char not in scheme.letters:
        return Typed(pending, f"{scheme.title} has the letters {', '.join(scheme.letters)}.")
    if pending.expansion is None and after_early:
        start = scheme.letters_from
        alone = "1 is" if start == 2 else f"1 to {start - 1} are"
        return Typed(pending, f"Expansion {alone} graded alone: ICM and TE only from {start} on.")
    if pending.expansion is None:
        return Typed(pending, "Type the expansion first, 1 to 6.")
    if pending.icm is None:
        return Typed(replace(pending, icm=char))
    return Typed(replace(pending, te=char))


def take_back(pending: PendingGrade) -> PendingGrade:
    """Without the part that was entered last, in the order of writing."""
    if pending.te is not None:
        return replace(pending, te=None)
    if pending.icm is not None:
        return replace(pending, icm=None)
    return PendingGrade()


def complete(pending: PendingGrade, scheme: Scheme) -> Grade | None:
    """The grade, where nothing is missing; early expansions need no letters by the scheme's rule."""
    if pending.expansion is None:
        return None
    if pending.expansion < scheme.letters_from:
        return Grade(pending.expansion)
    if pending.icm is None or pending.te is None:
        return None
    return Grade(pending.expansion, pending.icm, pending.te)


def next_step(pending: PendingGrade) -> str:
    """What comes next, in two words."""
    if pending.expansion is None:
        return "Expansion"
    return "ICM" if pending.icm is None else "TE"
