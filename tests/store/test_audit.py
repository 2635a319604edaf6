"""The audit trail finds what was changed behind the application's back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blasto_annotator import __version__
from blasto_annotator.domain.audit import AuditFilter, chained_fields, first_broken, row_hash
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import ItemKind, Realism, ReviewItem, Verdict
from blasto_annotator.store import Project
from tests.store.conftest import by_hand, unprotect

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
    ("table", "statement", "subject"),
    [
        ("label", "UPDATE label SET te = 'A' WHERE id = 2", "frame:2"),
        ("label", "UPDATE label SET grader = 'bob' WHERE id = 3", "frame:3"),
        ("label", "DELETE FROM label WHERE id = 1", "frame:1"),
        ("label", "DELETE FROM label WHERE id = 3", "frame:3"),
        ("review", "UPDATE review SET realism = 'implausible'", "batch:batch1/images/00000.png"),
        ("audit", "UPDATE audit SET who = 'bob' WHERE action = 'import'", "source:1"),
        ("audit", "DELETE FROM audit WHERE subject = 'frame:1'", "frame:2"),
    ],
)
def test_an_edit_past_a_dropped_trigger_is_named(
    worked: Project, table: str, statement: str, subject: str
) -> None:
    unprotect(worked, table)
    by_hand(worked, statement)

    found = worked.audit.verify()

    assert found is not None
    assert found.subject == subject


def test_a_removed_end_of_the_trail_shows_in_the_label_that_stays(worked: Project) -> None:
    unprotect(worked, "audit")
    by_hand(
        worked,
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
    unprotect(worked, "audit")
    by_hand(worked, f"UPDATE audit SET who = 'bob', hash = '{forged}' WHERE id = {row.id}")  # noqa: S608

    found = worked.audit.verify()

    assert found is not None
    assert found.id == row.id + 1


def test_the_tail_finds_what_is_new_and_leaves_what_is_old_to_the_whole_check(worked: Project) -> None:
    unprotect(worked, "label")
    assert worked.audit.verify_tail(2) is None

    by_hand(worked, "UPDATE label SET te = 'A' WHERE id = 1")

    assert worked.audit.verify_tail(2) is None
    for found in (worked.audit.verify_tail(1000), worked.audit.verify()):
        assert found is not None
        assert found.subject == "frame:1"


def test_progress_is_told_while_the_trail_is_verified(worked: Project) -> None:
    told: list[int] = []

    worked.audit.verify(told.append)

    assert told[0] == worked.audit.count()
    assert told[-1] == worked.audit.extent() == worked.audit.count() + 3 + worked.frames.count()


def test_a_row_that_tells_of_a_label_twice_is_named(worked: Project) -> None:
    first = next(row for row in worked.audit.rows() if row.action == "label")
    forged = worked.audit.append(first.who, first.action, first.subject, None, json.loads(first.after))

    assert worked.audit.verify() == forged


def test_pages_of_the_trail_follow_one_another_and_keep_to_the_filter(worked: Project) -> None:
    everything = worked.audit.rows(newest_first=True)

    first = worked.audit.page(AuditFilter(), limit=2)
    second = worked.audit.page(AuditFilter(), before=first[-1].id, limit=100)

    assert first + second == everything
    for wanted, expected in (
        (AuditFilter(who="ann", action="label"), [r for r in everything if r.action == "label"]),
        (AuditFilter(subject="frame:2"), [r for r in everything if r.subject == "frame:2"]),
        (AuditFilter(text='"TE":"c"'), [r for r in everything if '"te":"C"' in r.after]),
        (AuditFilter(text="100%"), []),
        (AuditFilter(since=datetime.now(UTC) + timedelta(hours=1)), []),
        (AuditFilter(until=datetime.now(UTC) - timedelta(hours=1)), []),
        (AuditFilter(since=datetime.now(UTC) - timedelta(hours=1)), everything),
    ):
        assert worked.audit.page(wanted) == expected
    people, actions = worked.audit.choices()
    assert people == ["ann"]
    assert {"label", "review", "import"} <= set(actions)
