"""Who is to grade which embryo: a share goes to everybody, the rest is dealt out evenly."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blasto_annotator.domain.errors import UserError


@dataclass(frozen=True)
class AssignmentPlan:
    """How embryos are dealt out. The same plan deals the same embryos alike, and goes on where more come."""

    graders: tuple[str, ...]
    overlap: float = 0.2
    """Share of embryos that everybody grades; agreement is computed from them."""
    seed: int = 0


@dataclass(frozen=True)
class Assignable:
    """An embryo as the plan sees it."""

    id: int
    couple: str
    moments: int


@dataclass(frozen=True)
class Share:
    """What one grader has to do."""

    grader: str
    embryos: int
    shared: int
    """Of them, those that somebody else grades too."""
    moments: int


def checked_plan(plan: AssignmentPlan) -> AssignmentPlan:
    """The plan itself.

    Raises:
        UserError: nobody is named, somebody twice, or the overlap is no share.
    """
    if not plan.graders:
        raise UserError("Nobody is named to grade: choose at least one grader.")
    if len(set(plan.graders)) != len(plan.graders):
        raise UserError("A grader is named twice: name everybody once.")
    if not 0 <= plan.overlap <= 1:
        raise UserError(f"The overlap must be a share between 0 and 1, it is {plan.overlap:g}.")
    return plan


def deal(
    embryos: Iterable[Assignable], plan: AssignmentPlan, given: Mapping[int, Sequence[str]] | None = None
) -> list[tuple[str, int]]:
    """New (grader, embryo id) pairs; `given` tells who has which embryo already, and stays.

    Siblings are spread over the graders, so that no couple is one grader's alone; loads are even in moments.
    Embryos that several have are given to graders who join later, too.
    """
    given = given or {}
    table = _Table(plan)
    ordered = sorted(embryos, key=lambda embryo: _number(plan.seed, embryo.couple or embryo.id, embryo.id))
    for embryo in ordered:
        table.count(embryo, given.get(embryo.id, ()))
    found: list[tuple[str, int]] = []
    for embryo in ordered:
        found += [(grader, embryo.id) for grader in table.next_for(embryo, given.get(embryo.id, ()))]
    return found


class _Table:
    """What everybody has so far."""

    def __init__(self, plan: AssignmentPlan) -> None:
        self._plan = plan
        self._load: Counter[str] = Counter()
        self._siblings: dict[str, Counter[str]] = defaultdict(Counter)
        self._shared = self._dealt = 0

    def count(self, embryo: Assignable, graders: Sequence[str]) -> None:
        if not graders:
            return
        self._dealt += 1
        self._shared += len(graders) > 1
        for grader in graders:
            self._load[grader] += embryo.moments
            self._siblings[embryo.couple][grader] += 1

    def next_for(self, embryo: Assignable, graders: Sequence[str]) -> Sequence[str]:
        """Who gets this embryo now."""
        if graders:
            return [name for name in self._plan.graders if name not in graders] if len(graders) > 1 else ()
        wanted = self._plan.overlap * (self._dealt + 1)
        chosen = self._plan.graders if self._shared + 0.5 <= wanted else (self._least_busy(embryo),)
        if len(self._plan.graders) == 1:
            chosen = self._plan.graders
        self.count(embryo, chosen)
        return chosen

    def _least_busy(self, embryo: Assignable) -> str:
        siblings = self._siblings[embryo.couple] if embryo.couple else Counter[str]()

        def key(grader: str) -> tuple[int, int, int]:
            return siblings[grader], self._load[grader], _number(self._plan.seed, grader, embryo.id)

        return min(self._plan.graders, key=key)


def _number(seed: int, *parts: object) -> int:
    text = ":".join(map(str, (seed, *parts)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
