"""`audit verify` on a trail whose end was cut off, on changed rows, and without a table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from blasto_annotator.curation.blinding import VEIL, record
from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.domain.reviews import Realism, Seen, Verdict
from blasto_annotator.store import Project
from tests.cli.conftest import Program
from tests.curation.material import batch


def _by_hand(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "project.db")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)


def test_a_head_that_was_written_down_and_one_that_is_remembered_show_a_cut_end(
    inside: Program, study: Path
) -> None:
    with Project.open(study) as project:
        project.graders.add("Ana", "Ana")
    answer = inside("audit", "verify", study, "--json").json
    head = answer["head"]
    assert (answer["whole"], answer["not_covered"]) == (True, [])
    assert f"Its head, to be kept elsewhere: {head}" in inside("audit", "verify", study).out
    assert "is whole" in inside("audit", "verify", study, "--head", head[:20]).out
    assert "is no head" in inside("audit", "verify", study, "--head", "12", code=1).sentence

    _by_hand(study, "DELETE FROM audit WHERE action = 'grader.add'", "DELETE FROM grader")

    number = head.partition(":")[0]
    assert f"This computer saw row {number}" in inside("audit", "verify", study, code=1).sentence
    assert "is whole" in inside("audit", "verify", study, "--restored").out
    assert "is whole" in inside("audit", "verify", study).out
    refused = inside("audit", "verify", study, "--head", head, code=1)
    assert f"does not hold row {number} as it was written down" in refused.sentence


def test_a_changed_scheme_is_named_and_an_empty_trail_is_not_whole(inside: Program, study: Path) -> None:
    _by_hand(study, "UPDATE project SET scheme = 'gardner-9'")
    assert (
        "scheme “gardner-9” instead of “gardner-3group”" in inside("audit", "verify", study, code=1).sentence
    )

    _by_hand(study, "DELETE FROM audit", "DELETE FROM label")

    assert "The audit trail is empty" in inside("audit", "verify", study, code=1).sentence


def test_a_project_without_its_trail_is_damaged_and_says_which_table_is_missing(
    inside: Program, study: Path
) -> None:
    _by_hand(study, "DROP TABLE audit")

    refused = inside("audit", "verify", study, code=1)

    assert "is damaged (its table “audit” is missing)" in refused.sentence


def test_the_list_tells_nothing_of_what_an_unfinished_review_shows(inside: Program, study: Path) -> None:
    with Project.open(study) as project:
        batch(project, per_class=2)
        (session,) = plan_review(project, ReviewPlan(("b1",), ("Ana",), repeat_share=0))
        shown = session.items[0]
        record(project, session, shown, Verdict(Realism.PERFECT), "", Seen(1.0))

    told = inside("audit", "list", study, "--json").out
    found = inside("audit", "list", study, "--text", shown.sha256).out

    assert VEIL in told
    assert shown.image not in told
    assert shown.sha256 not in told
    assert found == ""
