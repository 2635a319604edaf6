"""Labels: append-only, the newest counts, each with its audit row."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import Label, LabelEntry
from blasto_annotator.store import Project
from tests.store.conftest import EMBRYOS, MOMENTS, by_hand, imported

SEEN, OTHER = "a" * 64, "b" * 64


def entry(text: str = "4AB") -> LabelEntry:
    return LabelEntry(parse_grade(text))


def first_frames(project: Project) -> list[int]:
    return [frame.id for frame in project.frames.of_embryo(project.frames.embryos()[0].id)]


def test_a_label_comes_back_as_it_was_entered(filled: Project) -> None:
    frame = first_frames(filled)[0]
    whole = LabelEntry(
        parse_grade("3BC"), note="тёмный, “odd”", view={"zoom": 2.5, "invert": True, "plane": "0"}
    )

    stored = filled.labels.record(frame, SEEN, "Åse", whole)

    assert filled.labels.current_of(SEEN, "Åse") == stored
    assert stored.entry == whole
    assert abs(stored.time_utc - datetime.now(UTC)) < timedelta(minutes=1)
    assert stored.time_utc.tzinfo is UTC


def test_not_gradable_keeps_its_reason(filled: Project) -> None:
    stored = filled.labels.record(first_frames(filled)[0], SEEN, "ann", LabelEntry(None, "empty well"))

    assert stored.entry == LabelEntry(None, "empty well")
    assert filled.labels.current() == [stored]


def test_a_correction_is_one_more_row_and_the_newest_counts(filled: Project) -> None:
    frame = first_frames(filled)[0]
    old = filled.labels.record(frame, SEEN, "ann", entry("4AB"))
    new = filled.labels.record(frame, SEEN, "ann", entry("4BB"), "correction")

    assert filled.labels.current("ann") == [new]
    assert filled.labels.history(SEEN) == [old, new]


def test_undo_is_one_more_row_and_redo_another(filled: Project) -> None:
    frame = first_frames(filled)[0]
    filled.labels.record(frame, SEEN, "ann", entry())

    withdrawn = filled.labels.withdraw(frame, SEEN, "ann")
    assert withdrawn.entry is None
    assert filled.labels.current() == []
    assert filled.labels.current_of(SEEN, "ann") is None

    again = filled.labels.record(frame, SEEN, "ann", entry(), "redo")
    assert filled.labels.current() == [again]
    assert len(filled.labels.history(SEEN)) == 3


def test_graders_do_not_disturb_one_another(filled: Project) -> None:
    frame = first_frames(filled)[0]
    by_bob = filled.labels.record(frame, SEEN, "bob", entry("4AA"))
    by_ann = filled.labels.record(frame, SEEN, "ann", entry("2CC"))
    filled.labels.withdraw(frame, SEEN, "bob")

    assert filled.labels.current() == [by_ann]
    assert filled.labels.history(SEEN, "bob")[0] == by_bob
    assert filled.labels.graders() == ["ann", "bob"]


def test_a_label_belongs_to_the_content_wherever_it_lies(filled: Project) -> None:
    first, second, third = first_frames(filled)[:3]
    other = filled.frames.embryos()[1].id
    elsewhere = filled.frames.of_embryo(other)[0].id
    filled.frames.set_hashes([(first, SEEN), (second, SEEN), (third, OTHER), (elsewhere, SEEN)])
    label = filled.labels.record(first, SEEN, "ann", entry())

    embryo = filled.frames.get(first).embryo_id
    assert filled.labels.of_embryo(embryo, "ann") == {first: label, second: label}
    assert filled.labels.of_embryo(other, "ann") == {elsewhere: label}
    assert filled.labels.of_embryo(embryo, "bob") == {}


def test_a_label_gives_a_frame_without_a_hash_its_hash(filled: Project) -> None:
    frame = first_frames(filled)[0]

    filled.labels.record(frame, SEEN, "ann", entry())

    assert filled.frames.get(frame).sha256 == SEEN


def test_progress_counts_moments_not_planes(filled: Project) -> None:
    one, same_moment, _, next_moment = first_frames(filled)[:4]
    for number, frame in enumerate((one, same_moment, next_moment)):
        filled.labels.record(frame, str(number) * 64, "ann", entry())
    filled.labels.record(next_moment, "2" * 64, "bob", entry())

    assert filled.labels.progress("ann") == (2, len(EMBRYOS) * MOMENTS)
    assert filled.labels.progress("bob") == (1, len(EMBRYOS) * MOMENTS)


def test_an_import_stores_what_is_new_and_skips_what_is_known(filled: Project) -> None:
    one, two = first_frames(filled)[:2]
    filled.labels.record(one, SEEN, "ann", entry("4AB"))

    assert filled.labels.import_many([(one, SEEN, entry("4AB")), (two, OTHER, entry("3BB"))], "ann") == 1
    assert filled.labels.import_many([(one, SEEN, entry("4AB")), (two, OTHER, entry("3BB"))], "ann") == 0
    assert filled.labels.import_many([(one, SEEN, entry("4AC"))], "ann") == 1
    assert [str(label.entry.grade) for label in filled.labels.current() if label.entry] == ["3BB", "4AC"]
    assert filled.audit.verify() is None


def test_the_trail_names_who_imported_and_for_whom(filled: Project) -> None:
    one, two = first_frames(filled)[:2]

    filled.labels.import_many([(one, SEEN, entry("4AB"))], "ann", who="operator")
    filled.labels.import_many([(two, OTHER, entry("3BB"))], "ann", who="ann")

    assert {label.grader for label in filled.labels.current()} == {"ann"}
    told = [(row.who, row.action, row.why) for row in filled.audit.rows()[-2:]]
    assert told == [("operator", "label.import", "import for ann"), ("ann", "label.import", "import")]
    assert filled.audit.verify() is None


def test_an_import_that_fails_in_the_middle_leaves_nothing(filled: Project) -> None:
    one = first_frames(filled)[0]
    before = filled.audit.rows()

    with pytest.raises(ValueError, match="SHA-256"):
        filled.labels.import_many([(one, SEEN, entry()), (one, "short", entry())], "ann")

    assert filled.labels.current() == []
    assert filled.audit.rows() == before


def test_a_large_import_passes_every_limit_of_the_database(file_project: Project, tmp_path: Path) -> None:
    source = file_project.frames.add_source(tmp_path / "frames", "folder")
    file_project.frames.add(source, [imported("E1", 1, 0)])
    rows = [(1, f"{number:064x}", entry()) for number in range(33_000)]  # SQLite binds 32,766 values

    assert file_project.labels.import_many(rows, "ann") == 33_000
    assert len(file_project.labels.current("ann")) == 33_000


def test_every_label_has_an_audit_row_with_before_and_after(filled: Project) -> None:
    frame = first_frames(filled)[0]
    filled.labels.record(frame, SEEN, "ann", entry("4AB"))
    filled.labels.record(frame, SEEN, "ann", entry("4BB"), "correction")
    filled.labels.withdraw(frame, SEEN, "ann")

    told = filled.audit.rows(limit=3, newest_first=True)[::-1]

    assert [(row.who, row.action, row.subject, row.why) for row in told] == [
        ("ann", "label", f"frame:{frame}", ""),
        ("ann", "label", f"frame:{frame}", "correction"),
        ("ann", "label.withdraw", f"frame:{frame}", "undo"),
    ]
    assert told[0].before == ""
    assert told[1].before == told[0].after
    assert told[2].before == told[1].after


def test_nobody_cannot_label(filled: Project) -> None:
    with pytest.raises(UserError, match="grader"):
        filled.labels.record(first_frames(filled)[0], SEEN, "  ", entry())


def test_a_label_of_a_frame_that_is_not_there_is_loud_and_leaves_nothing(filled: Project) -> None:
    rows = filled.audit.rows()

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        filled.labels.record(10_000, SEEN, "ann", entry())

    assert filled.audit.rows() == rows


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE label SET te = 'A'",
        "DELETE FROM label",
        "UPDATE audit SET who = 'bob'",
        "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_said(filled: Project, statement: str) -> None:
    label = filled.labels.record(first_frames(filled)[0], SEEN, "ann", entry())

    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        by_hand(filled, statement)

    assert filled.labels.current() == [label]
    assert filled.audit.verify() is None


@pytest.mark.parametrize("table", ["label", "audit"])
def test_rows_cannot_be_replaced_or_cut_off_either(filled: Project, table: str) -> None:
    label = filled.labels.record(first_frames(filled)[0], SEEN, "ann", entry())
    rows = filled.audit.rows()
    on_server = filled.location.url is not None
    act = "TRUNCATE {0} CASCADE" if on_server else "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"

    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        by_hand(filled, act.format(table))

    assert (filled.labels.current(), filled.audit.rows()) == ([label], rows)


def test_many_threads_lose_nothing(filled: Project) -> None:
    frames = first_frames(filled)

    def work(number: int) -> Label:
        filled.labels.current()
        return filled.labels.record(frames[number % len(frames)], f"{number:064x}", f"g{number % 5}", entry())

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(work, range(80)))

    assert {label.id for label in filled.labels.current()} == {label.id for label in stored}
    assert filled.audit.verify() is None
