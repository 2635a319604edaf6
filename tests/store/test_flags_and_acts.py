"""Flags, saved filters, the scheme's change, and steps that can be undone after a restart."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.acts import FlagAct, LabelAct, stacks
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.flags import FLAGS, may_be_seen
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project
from tests.store.conftest import by_hand, unprotect

ONE, TWO = "1" * 64, "2" * 64


def entry(grade: str, note: str = "") -> LabelEntry:
    return LabelEntry(parse_grade(grade), note=note)


def test_a_flag_stands_until_it_is_taken_off_by_its_owner(filled: Project) -> None:
    filled.flags.put(1, ONE, "ann", "Ask  a colleague", note="zona?")
    filled.flags.put(1, ONE, "bob", "ask a colleague")
    filled.flags.put(1, ONE, "bob", "ask a colleague", raised=False)
    standing = filled.flags.of_image(ONE)
    assert [(flag.who, flag.flag, flag.note) for flag in standing] == [("ann", "ask a colleague", "zona?")]
    assert filled.audit.verify() is None


def test_a_flag_changed_behind_the_applications_back_is_found(filled: Project) -> None:
    filled.flags.put(1, ONE, "ann", "look again")
    unprotect(filled, "flag")
    by_hand(filled, "UPDATE flag SET flag = 'teaching case'")
    broken = filled.audit.verify()
    assert broken is not None
    assert broken.action == "flag"


def test_a_flag_needs_a_name_and_a_person(filled: Project) -> None:
    with pytest.raises(UserError, match="needs a name"):
        filled.flags.put(1, ONE, "ann", "  ")
    with pytest.raises(UserError, match="say who grades"):
        filled.flags.put(1, ONE, "", "look again")
    assert filled.flags.of_image(ONE) == []


def test_a_colleagues_own_words_are_hidden_until_one_has_graded(filled: Project) -> None:
    own_words = filled.flags.put(1, ONE, "bob", "surely 4aa")
    usual = filled.flags.put(1, ONE, "bob", FLAGS[0])
    assert not may_be_seen(own_words, "ann", graded=False)
    assert may_be_seen(own_words, "ann", graded=True)
    assert may_be_seen(own_words, "bob", graded=False)
    assert may_be_seen(usual, "ann", graded=False)


def test_offered_names_are_the_usual_ones_and_ones_own(filled: Project) -> None:
    filled.flags.put(1, ONE, "ann", "for the course")
    filled.flags.put(1, ONE, "bob", "bob's own")
    assert filled.flags.names("ann") == [*FLAGS, "for the course"]


def test_steps_are_read_back_after_a_restart_and_undone_ones_can_be_redone(filled: Project) -> None:
    filled.labels.record(1, ONE, "ann", entry("4AB"))
    filled.labels.record(2, TWO, "bob", entry("3CC"))
    filled.flags.put(1, ONE, "ann", "look again")
    filled.labels.record(1, ONE, "ann", entry("4BB", "thin"), "correction")
    filled.labels.record(1, ONE, "ann", entry("4AB"), "undo")
    with Project.open(filled.folder) as again:
        done, undone = stacks(again.acts.recent("ann"))
    assert done == [
        (LabelAct(1, ONE, None, entry("4AB"), ""),),
        (FlagAct(1, ONE, "look again", "", True, ""),),
    ]
    assert undone == [(LabelAct(1, ONE, entry("4AB"), entry("4BB", "thin"), "correction"),)]


def test_labels_stored_at_once_are_one_step(filled: Project) -> None:
    rows = [(1, ONE, entry("4AB")), (2, TWO, entry("4AB"))]
    filled.labels.record_many(rows, "ann", "inherited from frame 7")
    assert [len(step) for step in filled.acts.recent("ann")] == [2]
    filled.labels.record_many([(1, ONE, None), (2, TWO, None)], "ann", "undo")
    done, undone = stacks(filled.acts.recent("ann"))
    assert (len(done), len(undone)) == (0, 1)
    assert filled.labels.current("ann") == []
    assert filled.audit.verify() is None


def test_imported_labels_are_no_steps(filled: Project) -> None:
    filled.labels.import_many([(1, ONE, entry("4AB"))], "ann")
    assert filled.acts.recent("ann") == []


def test_another_scheme_leaves_every_grade_as_it_was_typed(filled: Project) -> None:
    filled.labels.record(1, ONE, "ann", entry("4AB"))
    before = filled.labels.current()
    filled.choose_scheme("abdala-3group", "ann")
    with Project.open(filled.folder) as again:
        assert again.scheme.name == "abdala-3group"
        assert again.labels.current() == before
        newest = again.audit.rows(limit=1, newest_first=True)[0]
        assert (newest.who, newest.action) == ("ann", "scheme")
        assert again.audit.verify() is None
    with pytest.raises(UserError, match="no grading scheme"):
        filled.choose_scheme("none-such")


def test_saved_filters_belong_to_their_grader(filled: Project) -> None:
    filled.filters.save("ann", "day 5", "hpi:114..118")
    filled.filters.save("ann", "day 5", "hpi:115..118")
    filled.filters.save("bob", "mine", "is:flagged")
    assert filled.filters.all("ann") == {"day 5": "hpi:115..118"}
    filled.filters.remove("ann", "day 5")
    assert filled.filters.all("ann") == {}
    with pytest.raises(UserError, match="needs a name"):
        filled.filters.save("ann", " ", "x")
