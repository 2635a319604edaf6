"""The audit trail finds what was changed behind the application's back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from blasto_annotator import __version__
from blasto_annotator.domain.audit import chained_fields, first_broken, row_hash
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import ItemKind, Realism, ReviewItem, Verdict
from blasto_annotator.store import Project
from tests.store.conftest import by_hand

ITEM = ReviewItem(0, ItemKind.GENERATED, "c" * 64, "good", "images/00000.png")


@pytest.fixture
def worked(filled: Project) -> Project:
    """A project with three labels and a review."""
    for number, text in enumerate(("4AB", "3BB", "2CC")):
        filled.labels.record(number + 1, f"{number:064x}", "ann", LabelEntry(parse_grade(text)))
    filled.reviews.record(None, "batch1", ITEM, "ann", Verdict(Realism.PERFECT))
    return filled


def test_untouched_work_verifies(worked: Project) -> None:
    assert worked.audit.verify() is None
    assert first_broken(worked.audit.rows()) is None


def test_rows_tell_who_when_what_and_with_which_version(worked: Project) -> None:
    row = worked.audit.append("ann", "snapshot", "snapshot:ab12", None, {"images": 5}, "first round")

    assert worked.audit.rows(limit=1, newest_first=True) == [row]
    assert (row.who, row.action, row.subject, row.why) == ("ann", "snapshot", "snapshot:ab12", "first round")
    assert (row.version, json.loads(row.after)) == (__version__, {"images": 5})
    assert row.time_utc.endswith("+00:00")


@pytest.mark.parametrize(
    ("trigger", "statement", "subject"),
    [
        ("label_no_update", "UPDATE label SET te = 'A' WHERE id = 2", "frame:2"),
        ("label_no_update", "UPDATE label SET grader = 'bob' WHERE id = 3", "frame:3"),
        ("label_no_delete", "DELETE FROM label WHERE id = 1", "frame:1"),
        ("label_no_delete", "DELETE FROM label WHERE id = 3", "frame:3"),
        ("review_no_update", "UPDATE review SET realism = 'implausible'", "batch:batch1/images/00000.png"),
        ("audit_no_update", "UPDATE audit SET who = 'bob' WHERE action = 'import'", "source:1"),
        ("audit_no_delete", "DELETE FROM audit WHERE subject = 'frame:1'", "frame:2"),
    ],
)
def test_an_edit_past_a_dropped_trigger_is_named(
    worked: Project, trigger: str, statement: str, subject: str
) -> None:
    by_hand(worked, f"DROP TRIGGER {trigger}", statement)

    found = worked.audit.verify()

    assert found is not None
    assert found.subject == subject


def test_a_removed_end_of_the_trail_shows_in_the_label_that_stays(worked: Project) -> None:
    by_hand(
        worked,
        "DROP TRIGGER audit_no_delete",
        "DELETE FROM audit WHERE subject IN ('frame:3') OR action = 'review'",
    )

    found = worked.audit.verify()

    assert found is not None
    assert (found.id, found.subject) == (0, "label:3")


def test_a_label_slipped_in_by_hand_is_named(worked: Project) -> None:
    by_hand(
        worked,
        "CREATE TEMP TABLE copy AS SELECT * FROM label WHERE id = 1",
        "UPDATE copy SET id = 4",
        "INSERT INTO label SELECT * FROM copy",
    )

    found = worked.audit.verify()

    assert found is not None
    assert (found.id, found.action, found.subject) == (0, "unrecorded", "label:4")


def test_a_rehashed_edit_breaks_the_next_link(worked: Project) -> None:
    row = worked.audit.rows()[1]
    edited = replace(row, who="bob")
    forged = row_hash(row.previous, chained_fields(edited))
    with closing(sqlite3.connect(worked.folder / "project.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET who = ?, hash = ? WHERE id = ?", ("bob", forged, row.id))

    found = worked.audit.verify()

    assert found is not None
    assert found.id == row.id + 1
