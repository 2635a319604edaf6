"""An import of labels is taken back as a whole, and nothing else with it."""

from __future__ import annotations

import pytest

from blasto_annotator.domain.acts import REDO, UNDO
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry, Turn
from blasto_annotator.store import Project
from blasto_annotator.store.times import now_utc

FIRST, SECOND, THIRD = ("a" * 64, "b" * 64, "c" * 64)


def entry(text: str) -> LabelEntry:
    return LabelEntry(parse_grade(text))


def standing(project: Project, grader: str) -> dict[str, str]:
    return {
        label.sha256[0]: str(label.entry.grade) for label in project.labels.current(grader) if label.entry
    }


def test_what_stood_before_an_import_stands_again_and_what_was_said_since_stays(filled: Project) -> None:
    one, two, three = (
        frame.id for row in filled.frames.embryos() for frame in filled.frames.of_embryo(row.id)[:1]
    )
    filled.labels.record(one, FIRST, "ann", entry("4AB"))
    filled.labels.import_many([(two, SECOND, entry("2CC"))], "ann")
    wrong = [(one, FIRST, entry("3CC")), (two, SECOND, entry("5AA")), (three, THIRD, entry("3BB"))]
    filled.labels.import_many(wrong, "ann", who="eve")
    filled.labels.import_many([(one, FIRST, entry("1"))], "bob")
    filled.labels.record(three, THIRD, "ann", entry("4BB"))

    earlier, mistaken, other = filled.label_imports.all()
    assert [(i.grader, i.labels, i.standing) for i in (earlier, mistaken, other)] == [
        ("ann", 1, 0),
        ("ann", 3, 2),
        ("bob", 1, 1),
    ]
    assert filled.label_imports.take_back(mistaken.number, "eve") == (2, 1)

    assert standing(filled, "ann") == {"a": "4AB", "b": "2CC", "c": "4BB"}
    assert standing(filled, "bob") == {"a": "1"}
    told = [(row.who, row.action, row.why) for row in filled.audit.rows()[-2:]]
    assert told == [("eve", "label.import.undo", "import taken back for ann")] * 2
    assert filled.audit.verify() is None
    assert filled.acts.recent("eve") == []  # nobody undoes a colleague's label by Ctrl+Z


def test_what_is_no_import_or_is_gone_is_not_taken_back(filled: Project) -> None:
    frame = filled.frames.of_embryo(filled.frames.embryos()[0].id)[0].id
    label = filled.labels.record(frame, FIRST, "ann", entry("4AB"))
    filled.labels.import_many([(frame, SECOND, entry("3BB"))], "ann")
    (only,) = filled.label_imports.all()

    assert filled.label_imports.take_back(only.number, "ann") == (1, 0)
    assert standing(filled, "ann") == {"a": "4AB"}
    with pytest.raises(UserError, match="Nothing of import"):
        filled.label_imports.take_back(only.number, "ann")
    for number in (label.id, 999):
        with pytest.raises(UserError, match=f"no import {number}"):
            filled.label_imports.take_back(number, "ann")


def test_undo_takes_back_what_it_knows_and_leaves_what_was_imported_since(filled: Project) -> None:
    one, two = (frame.id for frame in filled.frames.of_embryo(filled.frames.embryos()[0].id)[:2])
    filled.labels.record_many([(one, FIRST, entry("4AB")), (two, SECOND, entry("4AB"))], "ann", "")
    filled.labels.import_many([(two, SECOND, entry("3CC"))], "ann")
    turns = [Turn(one, FIRST, entry("4AB"), None), Turn(two, SECOND, entry("4AB"), None)]

    undone = filled.labels.turn(turns, "ann", UNDO, moment := now_utc())
    again = filled.labels.turn(turns, "ann", UNDO, moment)  # the answer was lost on its way

    assert undone == again
    assert undone.overtaken == (False, True)
    assert [label and (label.entry and str(label.entry.grade), label.why) for label in undone.labels] == [
        (None, "undo"),
        ("3CC", "import"),
    ]
    assert standing(filled, "ann") == {"b": "3CC"}
    assert len(filled.labels.history(FIRST)) == 2
    back = [Turn(one, FIRST, None, entry("4AB")), Turn(two, SECOND, None, entry("4AB"))]
    assert filled.labels.turn(back, "ann", REDO, now_utc()).overtaken == (False, True)
    assert standing(filled, "ann") == {"a": "4AB", "b": "3CC"}
    filled.label_imports.take_back(filled.label_imports.all()[0].number, "ann")
    assert filled.labels.turn(turns[1:], "ann", UNDO, now_utc()).overtaken == (False,)
    assert standing(filled, "ann") == {"a": "4AB"}
    assert filled.audit.verify() is None
