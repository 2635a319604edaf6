"""The four criteria that graders are compared on, as scales, and what a grade says on each."""

from __future__ import annotations

from itertools import product

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import EXPANSIONS, Grade
from blasto_annotator.domain.schemes import Scheme

CRITERIA = {"expansion": "Expansion", "icm": "ICM", "te": "TE", "group": "Group"}
"""Name of a criterion to its title. The group is derived from the grade by the project's scheme."""


def check_criteria(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names themselves, all four where none is given.

    Raises:
        UserError: a name that is no criterion.
    """
    for name in names:
        if name not in CRITERIA:
            raise UserError(f"There is no criterion “{name}”; choose from {', '.join(CRITERIA)}.")
    return names or tuple(CRITERIA)


def scale(criterion: str, scheme: Scheme) -> tuple[str, ...]:
    """The categories of a criterion, in the scale's order (letters from the best down)."""
    if criterion == "expansion":
        return tuple(str(number) for number in EXPANSIONS)
    if criterion == "group":
        return tuple(group.name for group in scheme.groups)
    return scheme.letters


def is_ordered(criterion: str, scheme: Scheme) -> bool:
    """Whether the categories have an order; grades do, the groups of a scheme only if they are a ranking."""
    return criterion != "group" or groups_are_ranked(scheme)


def category(criterion: str, grade: Grade | None, scheme: Scheme) -> str | None:
    """What a grade says on a criterion; None where it says nothing (not gradable, letters not graded yet).

    Letters at an expansion at which the scheme grades none say nothing, nor does the group made of them.
    """
    if grade is None or (criterion != "expansion" and grade.expansion < scheme.letters_from):
        return None
    if criterion == "group":
        group = scheme.group_of(grade)
        return None if group is None else group.name
    value = getattr(grade, criterion)
    return None if value is None else str(value)


def groups_are_ranked(scheme: Scheme) -> bool:
    """Whether the groups fall in quality.

    Of each two groups some grade of the first must be better in a letter and worse in none than some grade of
    the second, and never the other way round. AA above BB is a ranking; ICM A with TE C and ICM B with TE A
    cannot be compared, so that a scheme of single letter pairs has no ranking.
    """
    if set(scheme.key_fields) != {"icm", "te"}:
        return False
    keys = {name: [k for k, g in scheme.grouping.items() if g == name] for name in scale("group", scheme)}
    names = list(keys)
    for at, better in enumerate(names):
        for worse in names[at + 1 :]:
            pairs = list(product(keys[better], keys[worse]))
            if not any(_above(a, b, scheme) for a, b in pairs) or any(_above(b, a, scheme) for a, b in pairs):
                return False
    return True


def _above(first: str, second: str, scheme: Scheme) -> bool:
    """Whether a letter pair is no worse in any letter than another, and not the same."""
    places = [(scheme.letters.index(a), scheme.letters.index(b)) for a, b in zip(first, second, strict=True)]
    return first != second and all(a <= b for a, b in places)
