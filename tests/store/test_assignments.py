"""Assignments: a share for everybody, the rest dealt out evenly, siblings spread, more embryos later."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from blasto_annotator.domain.assignments import Assignable, AssignmentPlan, deal
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project

PLAN = AssignmentPlan(("ann", "bob", "eve"), 0.2, seed=7)
EMBRYOS = [Assignable(number, f"C{number // 5}", 10 + number % 3) for number in range(1, 301)]


def held(pairs: list[tuple[str, int]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for grader, embryo in pairs:
        found[embryo].append(grader)
    return found


def test_a_fifth_goes_to_everybody_and_the_rest_is_even() -> None:
    pairs = deal(EMBRYOS, PLAN)

    by_embryo = held(pairs)
    shared = [embryo for embryo, graders in by_embryo.items() if len(graders) == 3]
    alone = Counter(graders[0] for graders in by_embryo.values() if len(graders) == 1)
    assert len(by_embryo) == 300
    assert len(shared) == 60
    assert sum(alone.values()) == 240
    assert max(alone.values()) - min(alone.values()) <= 8


def test_no_couple_is_one_graders_alone() -> None:
    by_embryo = held(deal(EMBRYOS, AssignmentPlan(("ann", "bob"), 0.0)))

    couples = defaultdict(set)
    for embryo in EMBRYOS:
        couples[embryo.couple].update(by_embryo[embryo.id])
    assert all(len(graders) == 2 for couple, graders in couples.items() if couple not in ("C60",))


def test_the_same_seed_deals_alike_and_another_differently() -> None:
    assert deal(EMBRYOS, PLAN) == deal(list(reversed(EMBRYOS)), PLAN)
    assert deal(EMBRYOS, PLAN) != deal(EMBRYOS, AssignmentPlan(PLAN.graders, 0.2, seed=8))


def test_later_embryos_are_dealt_without_moving_the_earlier() -> None:
    first = held(deal(EMBRYOS[:200], PLAN))

    more = held(deal(EMBRYOS, PLAN, first))

    assert set(more) == {embryo.id for embryo in EMBRYOS[200:]}
    assert sum(len(graders) == 3 for graders in more.values()) == 20


def test_who_joins_later_gets_the_shared_embryos_and_the_larger_part_of_the_new() -> None:
    first = held(deal(EMBRYOS[:200], PLAN))
    joined = AssignmentPlan((*PLAN.graders, "zoe"), 0.2, seed=7)

    more = held(deal(EMBRYOS, joined, first))

    shared = {embryo for embryo, graders in first.items() if len(graders) > 1}
    assert {embryo for embryo, graders in more.items() if embryo <= 200} == shared
    alone = Counter(graders[0] for embryo, graders in more.items() if embryo > 200 and len(graders) == 1)
    assert alone.most_common(1)[0][0] == "zoe"


@pytest.mark.parametrize("overlap", [0.0, 1.0])
def test_nothing_and_everything_may_be_shared(overlap: float) -> None:
    by_embryo = held(deal(EMBRYOS, AssignmentPlan(("ann", "bob"), overlap)))

    assert {len(graders) for graders in by_embryo.values()} == {1 + overlap}


@pytest.fixture
def filled(filled: Project) -> Project:
    """With accounts of those who grade."""
    for name in ("ann", "bob", "eve"):
        filled.graders.add(name, "chief")
    return filled


def test_queues_follow_the_assignments(filled: Project) -> None:
    assert filled.assignments.embryos("ann") is None

    assert filled.assignments.assign(AssignmentPlan(("ann", "bob"), 0.0), "chief") == 3

    queues = [filled.assignments.embryos(grader) or [] for grader in ("ann", "bob")]
    assert sorted(queues[0] + queues[1]) == sorted(embryo.id for embryo in filled.frames.embryos())
    assert filled.assignments.embryos("eve") is None
    shares = filled.assignments.shares()
    assert [(share.grader, share.shared) for share in shares] == [("ann", 0), ("bob", 0)]
    assert sum(share.moments for share in shares) == 12


def test_progress_counts_the_graders_own_queue(filled: Project) -> None:
    filled.assignments.assign(AssignmentPlan(("ann", "bob"), 0.0), "chief")
    own = filled.assignments.embryos("ann") or []
    other = filled.assignments.embryos("bob") or []
    for number, embryo in enumerate((own[0], other[0])):
        frame = filled.frames.of_embryo(embryo)[0].id
        filled.labels.record(frame, str(number) * 64, "ann", LabelEntry(parse_grade("4AB")))

    assert filled.labels.progress("ann") == (1, 4 * len(own))
    assert filled.labels.progress("eve") == (0, 12)


def test_the_next_frame_is_of_an_own_embryo_wherever_one_looks(filled: Project) -> None:
    filled.assignments.assign(AssignmentPlan(("ann", "bob"), 0.0), "chief")
    own = filled.assignments.embryos("ann") or []
    other = (filled.assignments.embryos("bob") or [])[0]

    found = filled.frames.unlabelled("ann", filled.frames.of_embryo(other)[0].id)

    assert found is not None
    assert filled.frames.get(found).embryo_id in own


def test_new_embryos_are_counted_and_dealt_by_the_same_plan(filled: Project) -> None:
    filled.assignments.assign(AssignmentPlan(("ann", "bob"), 1.0), "chief")
    source = filled.frames.sources()[0]
    filled.frames.add(source, [ImportedFrame("late/1.png", "late", "C9", 0, 1)])
    assert filled.assignments.unassigned() == 1

    assert filled.assignments.extend("chief") == 2

    assert filled.assignments.unassigned() == 0
    assert filled.assignments.shares()[0].shared == 4
    assert [r.action for r in filled.audit.rows(limit=2, newest_first=True)] == ["assign", "import"]


def test_assignments_can_be_taken_back(filled: Project) -> None:
    filled.assignments.assign(AssignmentPlan(("ann",), 0.2), "chief")
    filled.assignments.assign(AssignmentPlan(("bob",), 0.2), "chief", fresh=True)
    assert [share.grader for share in filled.assignments.shares()] == ["bob"]

    filled.assignments.clear("chief")

    assert (filled.assignments.plan(), filled.assignments.shares()) == (None, [])
    with pytest.raises(UserError, match="not dealt out"):
        filled.assignments.extend("chief")


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (AssignmentPlan(()), "Nobody"),
        (AssignmentPlan(("ann", "ann")), "twice"),
        (AssignmentPlan(("ann",), 1.5), "share between"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(filled: Project, plan: AssignmentPlan, words: str) -> None:
    with pytest.raises(UserError, match=words):
        filled.assignments.assign(plan, "chief")


def test_nothing_is_dealt_to_a_name_without_an_open_account(filled: Project) -> None:
    filled.assignments.assign(AssignmentPlan(("ann", "bob")), "chief")
    filled.graders.set_active("bob", False, "chief")
    shares = filled.assignments.shares()

    with pytest.raises(UserError, match=r"no grader cleo \(accounts: ann, eve\)"):
        filled.assignments.assign(AssignmentPlan(("ann", "cleo")), "chief", fresh=True)
    with pytest.raises(UserError, match="account of bob is closed"):
        filled.assignments.assign(AssignmentPlan(("ann", "bob")), "chief", fresh=True)
    with pytest.raises(UserError, match="account of bob is closed"):
        filled.assignments.extend("chief")

    assert filled.assignments.shares() == shares


def test_nothing_can_be_dealt_out_of_an_empty_project(project: Project) -> None:
    for name in PLAN.graders:
        project.graders.add(name, "chief")
    with pytest.raises(UserError, match="import frames first"):
        project.assignments.assign(PLAN, "chief")
    assert project.assignments.plan() is None
