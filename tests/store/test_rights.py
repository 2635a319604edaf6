"""Once somebody who may adjudicate has a PIN, accounts, assignments, second looks and scheme are theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from blasto_annotator.domain.assignments import AssignmentPlan
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.people import Operator
from blasto_annotator.store import Project

Act = Callable[[Project, str], object]
ACTS: dict[str, Act] = {
    "add": lambda project, who: project.graders.add("Cleo", who),
    "deal out": lambda project, who: project.assignments.assign(AssignmentPlan(("Ana", "Ben")), who),
    "take back": lambda project, who: project.assignments.clear(who),
    "second looks": lambda project, who: project.repeats.set_share(0.2, who),
    "scheme": lambda project, who: project.choose_scheme("gardner-9", who),
}


@pytest.fixture
def guarded(filled: Project) -> Project:
    """Ana may adjudicate and has a PIN; Ben may grade."""
    filled.graders.enter("Ana")
    filled.graders.enter("Ben")
    filled.graders.set_pin("Ana", "2718", "Ana")
    return filled


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_others_only_grade_where_somebody_looks_after_the_project(guarded: Project, act: Act) -> None:
    rows = guarded.audit.count()
    for who in ("Ben", "ben", ""):
        with pytest.raises(UserError, match=r"sign in as Ana.*graders pin FOLDER Ana"):
            act(guarded, who)
    assert guarded.audit.count() == rows
    act(guarded, "Ana")
    assert guarded.audit.rows(limit=1, newest_first=True)[0].who == "Ana"


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_without_a_pin_nobody_is_kept_out(filled: Project, act: Act) -> None:
    filled.graders.enter("Ana")
    filled.graders.enter("Ben")

    act(filled, "Ben")


def test_a_mistyped_name_makes_no_account_there(guarded: Project) -> None:
    with pytest.raises(UserError, match=r"no account “Bne” here: correct the name, or ask Ana to add it"):
        guarded.graders.enter("Bne")
    assert guarded.graders.enter("ben").name == "Ben"

    guarded.graders.set_pin("Ana", "", "Ana")
    assert guarded.graders.enter("Cleo").name == "Cleo"


def test_the_command_line_has_every_right_whatever_its_login_is_called(guarded: Project) -> None:
    login = Operator("ben")

    guarded.graders.add("Cleo", login)
    guarded.graders.set_pin("Ana", "3141", login)  # forgotten by Ana, set by whoever has the folder
    guarded.graders.check_pin("Ana", "3141")
    guarded.graders.set_adjudicates("Ben", True, login)

    assert guarded.audit.rows(limit=1, newest_first=True)[0].who == "ben"
    guarded.repeats.set_share(0.2, "Ben")
    assert guarded.audit.verify() is None


def test_a_closed_account_looks_after_nothing(guarded: Project) -> None:
    guarded.graders.set_adjudicates("Ben", True, "Ana")
    guarded.graders.set_pin("Ben", "1618", "Ben")
    guarded.graders.set_active("Ben", False, "Ana")

    with pytest.raises(UserError, match="sign in as Ana"):
        guarded.repeats.set_share(0.2, "Ben")
