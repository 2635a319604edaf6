"""Accounts of graders: made by a name, guarded by a PIN, closed but never deleted."""

from __future__ import annotations

import json

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project, graders
from tests.store.conftest import by_hand


def test_typing_a_name_makes_an_account_and_the_first_may_adjudicate(project: Project) -> None:
    ana = project.graders.enter("  Ana   Lúcia ")
    bob = project.graders.enter("bob")

    assert (ana.name, ana.may_adjudicate, ana.has_pin) == ("Ana Lúcia", True, False)
    assert (bob.name, bob.may_adjudicate) == ("bob", False)
    assert project.graders.enter("ana lúcia") == ana
    assert project.graders.all() == [ana, bob]


@pytest.mark.parametrize("name", ["", "   ", "a" * 81, "a\x07b"])
def test_what_is_no_name_is_refused(project: Project, name: str) -> None:
    with pytest.raises(UserError, match="name"):
        project.graders.enter(name)


def test_two_accounts_cannot_share_a_name(project: Project) -> None:
    project.graders.add("Ana", "chief")

    with pytest.raises(UserError, match="already"):
        project.graders.add("ANA", "chief")


def test_a_pin_is_checked_and_nowhere_to_be_read(project: Project) -> None:
    project.graders.add("Ana", "chief", pin="2718")

    project.graders.check_pin("Ana", "2718")
    with pytest.raises(UserError, match="not the PIN of Ana"):
        project.graders.check_pin("Ana", "2717")

    stored = str(by_hand(project, "SELECT pin_hash FROM grader")[0][0])
    trail = "".join(row.before + row.after for row in project.audit.rows())
    assert "2718" not in stored
    assert stored.startswith("scrypt:16384:8:1:")
    assert stored not in trail
    assert [row.action for row in project.audit.rows(limit=1, newest_first=True)] == ["grader.wrong_pin"]


def test_equal_pins_have_different_hashes(project: Project) -> None:
    for name in ("Ana", "Bob"):
        project.graders.add(name, "chief", pin="2718")

    assert len(set(by_hand(project, "SELECT pin_hash FROM grader"))) == 2


def test_wrong_pins_must_wait_ever_longer_and_the_right_one_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(graders.time, "monotonic", lambda: clock[0])
    project.graders.add("Ana", "chief", pin="2718")
    waits = []
    for _ in range(6):
        with pytest.raises(UserError, match="not the PIN"):
            project.graders.check_pin("Ana", "0000")
        waits.append(_wait(project, clock))

    assert waits == [0, 0, 2, 4, 8, 16]
    project.graders.check_pin("Ana", "2718")
    assert _wait(project, clock) == 0


def _wait(project: Project, clock: list[float]) -> float:
    """Seconds until a PIN is looked at again, and lets them pass."""
    wait = max(project.graders._wrong.get("Ana", (0, 0.0))[1] - clock[0], 0.0)
    if wait:
        with pytest.raises(UserError, match=f"wait {wait:.0f} seconds"):
            project.graders.check_pin("Ana", "2718")
    clock[0] += wait
    return wait


def test_a_pin_can_be_changed_and_taken_away(project: Project) -> None:
    project.graders.add("Ana", "chief", pin="2718")
    project.graders.set_pin("Ana", "3141", "Ana")
    project.graders.check_pin("Ana", "3141")

    project.graders.set_pin("Ana", "", "Ana")

    found = project.graders.find("Ana")
    assert found is not None
    assert not found.has_pin
    with pytest.raises(UserError, match="4 to 64"):
        project.graders.set_pin("Ana", "12", "Ana")


def test_a_closed_account_cannot_be_entered_until_it_is_opened_again(project: Project) -> None:
    project.graders.add("Eva", "chief")
    project.graders.add("Ana", "chief")
    project.graders.set_active("Ana", False, "chief")

    with pytest.raises(UserError, match="closed"):
        project.graders.enter("Ana")
    project.graders.set_active("Ana", True, "chief")
    assert project.graders.enter("ana").name == "Ana"


def test_every_change_is_in_the_trail(project: Project) -> None:
    project.graders.add("Eva", "chief")
    project.graders.add("Ana", "chief", may_adjudicate=True)
    project.graders.set_adjudicates("Ana", False, "chief")

    row = project.audit.rows(limit=1, newest_first=True)[0]

    assert (row.who, row.action, row.subject) == ("chief", "grader.adjudicates", "grader:Ana")
    assert json.loads(row.before)["may_adjudicate"] is True
    assert json.loads(row.after)["may_adjudicate"] is False
    with pytest.raises(UserError, match="no grader Bob"):
        project.graders.set_adjudicates("Bob", True, "chief")


def test_a_grader_who_may_not_adjudicate_changes_no_other_account(project: Project) -> None:
    project.graders.enter("Ana")
    project.graders.enter("Ben")

    with pytest.raises(UserError, match="Ben may not change other accounts"):
        project.graders.set_adjudicates("Ben", True, "Ben")
    with pytest.raises(UserError, match="Ben may not change other accounts"):
        project.graders.set_active("Ana", False, "Ben")

    project.graders.set_adjudicates("Ben", True, "Ana")
    project.graders.set_active("Ana", False, "Ben")
    assert [(g.name, g.active, g.may_adjudicate) for g in project.graders.all()] == [
        ("Ana", False, True),
        ("Ben", True, True),
    ]


@pytest.mark.parametrize(("who", "words"), [("Ben", "Ben may not"), ("", "sign in as Ana"), (" ", "sign in")])
def test_a_pin_is_set_by_its_owner_or_by_who_adjudicates(project: Project, who: str, words: str) -> None:
    for name in ("Eva", "Ana", "Ben"):
        project.graders.enter(name)

    for pin in ("2718", ""):
        with pytest.raises(UserError, match=words):
            project.graders.set_pin("Ana", pin, who)
    assert not any(grader.has_pin for grader in project.graders.all())

    project.graders.set_pin("Ana", "2718", "ana")
    project.graders.check_pin("Ana", "2718")
    project.graders.set_pin("Ana", "3141", "Eva")
    project.graders.check_pin("Ana", "3141")
    project.graders.set_pin("Ana", "1618", "login-name")
    project.graders.check_pin("Ana", "1618")


def test_the_last_right_to_adjudicate_cannot_be_taken(project: Project) -> None:
    project.graders.enter("Ana")
    project.graders.enter("Ben")

    with pytest.raises(UserError, match="Ana is the only one who may adjudicate"):
        project.graders.set_adjudicates("Ana", False, "login-name")
    with pytest.raises(UserError, match="Ana is the only one"):
        project.graders.set_active("Ana", False, "Ana")
    assert project.graders.all()[0].active
    assert project.graders.all()[0].may_adjudicate

    project.graders.set_active("Ben", False, "Ana")
    project.graders.set_adjudicates("Ben", True, "Ana")
    with pytest.raises(UserError, match="Ana is the only one"):  # Ben's account is closed
        project.graders.set_active("Ana", False, "Ana")
    project.graders.set_active("Ben", True, "Ana")
    project.graders.set_adjudicates("Ana", False, "Ana")
    assert [grader.may_adjudicate for grader in project.graders.all()] == [False, True]


def test_a_name_with_a_pin_is_used_by_its_owner_and_by_who_adjudicates(project: Project) -> None:
    for name in ("Eva", "Ana", "Ben"):
        project.graders.enter(name)
    project.graders.set_pin("Ana", "2718", "Ana")

    asked = {who: project.graders.asks_pin("ana", who) for who in ("Eva", "Ana", "Ben", "", "login-name")}

    assert asked == {"Eva": False, "Ana": False, "Ben": True, "": True, "login-name": True}
    assert not project.graders.asks_pin("Ben", "Ana")
    assert not project.graders.asks_pin("Kromp silver", "")
