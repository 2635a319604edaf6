"""Adjudication: which criterion alone decides between graders whose grades make different groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations, product

from blasto_annotator.domain.acts import REDO, UNDO
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.raters_criteria import groups_are_ranked
from blasto_annotator.domain.schemes import Scheme

NO_GROUP = "no group"
NOT_GRADABLE = "not gradable"
"""What a label makes of an image beside the scheme's groups."""
GRADABLE = "gradable"
PARTS = ("expansion", "icm", "te")
YES, NO = "yes", "no"
Answers = Mapping[str, str]
"""`gradable` (yes or no) or a part of the grade to the adjudicator's word on it."""


@dataclass(frozen=True)
class Adjudication:
    """One row of the adjudication table."""

    id: int
    frame_id: int
    sha256: str
    """Content hash of the image that the adjudicator saw."""
    adjudicator: str
    entry: LabelEntry | None
    """None: this row withdraws the decision (undo)."""
    time_utc: datetime
    why: str
    basis: Mapping[str, object] = field(default_factory=dict)
    """Labels weighed (`labels`), what was asked (`asked`), whether names were shown (`revealed`)."""


Decided = tuple[Adjudication, Adjudication | None]
"""A row, and the decision that stood before it."""


def decided_and_undone(rows: Iterable[Decided]) -> tuple[list[Decided], list[Decided]]:
    """One person's rows, oldest first -> (decisions to undo, decisions to redo), the newest last."""
    done: list[Decided] = []
    undone: list[Decided] = []
    for row, before in rows:
        if row.why == UNDO:
            undone += [done.pop()] if done else []
        elif row.why == REDO:
            done += [(row, undone.pop()[1])] if undone else []
        else:
            done.append((row, before))
            undone.clear()
    return done, undone


def outcome(grade: Grade | None, scheme: Scheme) -> str:
    """What a grade makes of an image: its group's name, `no group`, or `not gradable`."""
    if grade is None:
        return NOT_GRADABLE
    group = scheme.group_of(grade)
    return NO_GROUP if group is None else group.name


def abstains(grade: Grade | None, scheme: Scheme) -> bool:
    """Whether a grade lacks a letter at an expansion that shows them: no word for or against any group."""
    return grade is not None and not grade.whole and grade.expansion >= scheme.letters_from


def next_question(grades: Sequence[Grade | None], scheme: Scheme, answers: Answers) -> str | None:
    """The criterion to ask next: `gradable`, `expansion`, `icm` or `te`; None once the outcome is decided.

    Looked for is the smallest set of criteria whose values alone decide the outcome, whichever of the
    graders' values the others take; the first of it is asked. So 4AB against 3BB asks for ICM alone, and 4AA
    against 4AB, which are one group, asks nothing. A grade of None says not gradable.
    """
    said = {grade is not None for grade in grades}
    if GRADABLE in answers:
        said = {answers[GRADABLE] == YES}
    if len(said) == 2:
        return GRADABLE
    if said != {True}:
        return None
    values = _values(grades, scheme, answers)
    open_parts = [part for part in PARTS if len(values[part]) > 1]
    for size in range(len(open_parts) + 1):
        for chosen in combinations(open_parts, size):
            if _decide(chosen, values, scheme):
                return chosen[0] if chosen else None
    return None


def decided(grades: Sequence[Grade | None], scheme: Scheme, answers: Answers) -> Grade | None:
    """The grade that the answers make; what was not asked is what most graders said. None: not gradable."""
    given = [grade for grade in grades if grade is not None]
    if answers.get(GRADABLE) == NO or (not given and answers.get(GRADABLE) != YES):
        return None
    expansion = int(answers.get("expansion") or _commonest([str(grade.expansion) for grade in given]))
    if expansion < scheme.letters_from:
        return Grade(expansion)
    letters = [
        answers.get(part) or _commonest([word for grade in given if (word := getattr(grade, part))])
        for part in ("icm", "te")
    ]
    return Grade(expansion, letters[0] or scheme.letters[0], letters[1] or scheme.letters[0])


def severity(outcomes: Sequence[str], scheme: Scheme) -> float:
    """How bad a disagreement is: mean distance of two graders' outcomes, 0 where all are equal.

    Groups of a ranked scheme are as far apart as their places; any other two outcomes are as far apart as the
    best and the worst group of a ranking, or 1 where there is none.
    """
    pairs = list(combinations(outcomes, 2))
    return sum(_distance(a, b, scheme) for a, b in pairs) / len(pairs) if pairs else 0.0


def _distance(first: str, second: str, scheme: Scheme) -> float:
    if first == second:
        return 0.0
    names = [group.name for group in scheme.groups]
    ranked = groups_are_ranked(scheme)
    if ranked and first in names and second in names:
        return float(abs(names.index(first) - names.index(second)))
    return float(len(names) - 1) if ranked else 1.0


def _values(grades: Sequence[Grade | None], scheme: Scheme, answers: Answers) -> dict[str, list[str]]:
    """What each part may be: the answer, else what graders said, else (letters nobody gave) anything."""
    found = {}
    for part in PARTS:
        said = {str(word) for grade in grades if grade is not None and (word := getattr(grade, part))}
        found[part] = [answers[part]] if part in answers else sorted(said) or list(scheme.letters)
    return found


def _decide(chosen: Sequence[str], values: Mapping[str, list[str]], scheme: Scheme) -> bool:
    """Whether each choice of values of `chosen` leaves one outcome only."""
    rest = [part for part in PARTS if part not in chosen]
    for picked in product(*(values[part] for part in chosen)):
        fixed = dict(zip(chosen, picked, strict=True))
        found = set()
        for others in product(*(values[part] for part in rest)):
            found.add(_outcome_of({**fixed, **dict(zip(rest, others, strict=True))}, scheme))
        if len(found) > 1:
            return False
    return True


def _outcome_of(parts: Mapping[str, str], scheme: Scheme) -> str:
    expansion = int(parts["expansion"])
    if expansion < scheme.letters_from:
        return outcome(Grade(expansion), scheme)
    return outcome(Grade(expansion, parts["icm"], parts["te"]), scheme)


def _commonest(words: Sequence[str]) -> str:
    """The word that most said; of equally common ones the middle one in order."""
    counts = Counter(words)
    best = sorted(word for word in counts if counts[word] == max(counts.values()))
    return best[(len(best) - 1) // 2] if best else ""
