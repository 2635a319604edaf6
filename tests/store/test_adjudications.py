"""Decisions are rows that nobody changes, told of by the audit trail."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project
from tests.store.conftest import by_hand, unprotect

SHA = "a" * 64
GOOD, POOR = LabelEntry(Grade(4, "A", "B")), LabelEntry(Grade(4, "C", "C"))


def first_frame(project: Project) -> int:
    return project.frames.of_embryo(project.frames.embryos()[0].id)[0].id


def test_the_newest_decision_of_an_image_stands_until_it_is_withdrawn(filled: Project) -> None:
    frame = first_frame(filled)
    basis = {"labels": [1, 2], "asked": ["icm"], "revealed": False}

    filled.adjudications.record(frame, SHA, "Eva", GOOD, basis)
    filled.adjudications.record(frame, SHA, "Eva", POOR, basis)

    (standing,) = filled.adjudications.current()
    assert (standing.entry, standing.adjudicator, standing.basis) == (POOR, "Eva", basis)
    filled.adjudications.record(frame, SHA, "Eva", None, {}, "undo")
    assert filled.adjudications.current() == []
    assert [row.why for row in filled.adjudications.history(SHA)] == ["", "", "undo"]


def test_the_trail_tells_what_stood_before_and_holds(filled: Project) -> None:
    frame = first_frame(filled)
    filled.adjudications.record(frame, SHA, "Eva", GOOD, {})
    filled.adjudications.record(frame, SHA, "Eva", None, {}, "undo")

    newest, before = filled.audit.rows(limit=2, newest_first=True)

    assert (before.action, newest.action) == ("adjudicate", "adjudicate.withdraw")
    assert (before.before, newest.before) == ("", before.after)
    assert filled.audit.verify() is None


def test_a_decision_altered_behind_the_programs_back_shows(filled: Project) -> None:
    filled.adjudications.record(first_frame(filled), SHA, "Eva", GOOD, {})
    unprotect(filled, "adjudication")
    by_hand(filled, "UPDATE adjudication SET icm = 'C'")

    broken = filled.audit.verify()

    assert broken is not None
    assert broken.action == "adjudicate"


def test_a_decision_needs_a_name(filled: Project) -> None:
    with pytest.raises(UserError, match="Nobody is named as adjudicator"):
        filled.adjudications.record(first_frame(filled), SHA, " ", GOOD, {})
