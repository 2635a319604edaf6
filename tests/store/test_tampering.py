"""Everything of which the trail tells is compared with it: what somebody changed by SQL is named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from blasto_annotator.curation.blinding import REVEALED
from blasto_annotator.curation.near_copies import ALLOWED
from blasto_annotator.domain.assignments import AssignmentPlan
from blasto_annotator.domain.audit import tampered_sentence
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import ItemKind, ReviewItem
from blasto_annotator.store import Project
from tests.store.conftest import EMBRYOS, by_hand, imported, unprotect

ENTRY = LabelEntry(parse_grade("4AB"))
EDITS = (
    ("UPDATE project SET scheme = 'gardner-9'", "scheme “gardner-9” instead of “gardner-3group”"),
    ("UPDATE source SET root = '/elsewhere' WHERE id = 2", "root “/elsewhere” instead of"),
    ("UPDATE source SET layout = 'stork'", "layout “stork” instead of “folder”"),
    ("UPDATE frame SET embryo_id = 1 WHERE id = 14", "Of the embryos e1 to E10"),
    ("UPDATE frame SET hpi = 99 WHERE id = 14", "an embryo or a frame is not as"),
    ("UPDATE frame SET sha256 = '{other}' WHERE id = 1", "Frame 1 (e1.png) has another content hash"),
    ("UPDATE embryo SET couple = 'C9' WHERE id = 2", "an embryo or a frame is not as"),
    ("UPDATE embryo SET name = 'E3' WHERE id = 2", "an embryo or a frame is not as"),
    ("UPDATE grader SET may_adjudicate = {true} WHERE name = 'Boris'", "The account of Boris"),
    ("UPDATE grader SET pin_hash = '' WHERE name = 'Ana'", "The account of Ana"),
    ("UPDATE grader SET pin_hash = pin_hash || '0' WHERE name = 'Ana'", "(the PIN)"),
    ("UPDATE grader SET active = {false} WHERE name = 'Boris'", "active “false” instead of “true”"),
    ("UPDATE grader SET name = 'Cleo' WHERE name = 'Boris'", "Cleo was put in outside the application"),
    ("DELETE FROM grader WHERE name = 'Boris'", "The account Boris, of which row"),
    ("UPDATE assignment SET grader = 'Cleo' WHERE grader = 'Boris'", "Who has which embryo"),
    ("DELETE FROM assignment", "Who has which embryo"),
    ("UPDATE setting SET value = '0.5' WHERE key = 'repeats.share'", "The share of second looks"),
    ("UPDATE setting SET value = '{{}}' WHERE key = 'assignments.plan'", "The plan by which embryos"),
    ("UPDATE review_session SET reviewer = 'Cleo'", "The planned review 1"),
    ("UPDATE review_item SET kind = 'real' WHERE position = 0", "The planned review 1"),
    ("DELETE FROM setting WHERE key = 'review.revealed'", "That the images of review 1 were shown"),
    ("UPDATE setting SET value = '[\"b2\"]' WHERE key = 'near_copies.allowed'", "near copy b2 was let pass"),
)
"""What was done by SQL, and words of the sentence that names it."""


@pytest.fixture
def worked(filled: Project, tmp_path: Path) -> Project:
    """A project with something of everything that may change."""
    (tmp_path / "stills").mkdir()
    (tmp_path / "stills" / "e1.png").write_bytes(b"an image")
    source = filled.frames.add_source(tmp_path / "stills", "folder")
    filled.frames.add(source, [ImportedFrame("e1.png", "e1", "C1", 0, 1, 100.0, size=8, modified_ns=1)])
    frame = filled.frames.by_path("e1.png")[0]
    filled.labels.record(frame.id, filled.frames.ensure_hash(frame.id), "Ana", ENTRY)
    filled.graders.add("Ana", "Ana", pin="2718")
    filled.graders.add("Boris", "Ana")
    filled.repeats.set_share(0.1, "Ana")
    filled.assignments.assign(AssignmentPlan(("Ana", "Boris")), "Ana")
    items = [ReviewItem(n, ItemKind.GENERATED, f"{n:064x}", "good", f"images/{n}.png") for n in range(3)]
    filled.reviews.start("batch1", "Ana", items, seed=1, real_share=0.5)
    filled.audit.append("Ana", "review.reveal", "session:1")
    filled.set_setting(REVEALED, "[1]")
    filled.audit.append("Ana", "near_copy.allow", "image:1.png", None, {"sha256": "a1"})
    filled.set_setting(ALLOWED, '["a1"]')
    for table in ("review_session", "review_item", "audit", "label"):
        unprotect(filled, table)
    return filled


def found(project: Project) -> str:
    """What verification says."""
    broken = project.audit.verify()
    return "" if broken is None else tampered_sentence(broken)


def test_each_row_that_was_changed_by_hand_is_named(worked: Project) -> None:
    assert found(worked) == ""
    frame = worked.frames.by_path("e1.png")[0].id
    booleans = ("true", "false") if worked.location.url is not None else ("1", "0")
    tables = ("project", "source", "embryo", "frame", "grader", "assignment", "setting")
    copied = (*tables, "review_session", "review_item")
    if worked.location.url is None:
        by_hand(worked, "PRAGMA foreign_keys = OFF")
    by_hand(worked, *(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}" for name in copied))  # noqa: S608
    for statement, words in EDITS:
        act = statement.format(other="b" * 64, true=booleans[0], false=booleans[1])
        act = act.replace("WHERE id = 1", f"WHERE id = {frame}") if "sha256" in act else act
        table = act.split()[2 if act.startswith("DELETE") else 1]
        by_hand(worked, act)

        said = found(worked)

        assert words.replace("Frame 1 ", f"Frame {frame} ") in said, statement
        _restore(worked, table)
        assert found(worked) == "", statement


def _restore(project: Project, table: str) -> None:
    columns = [c for c in _columns(project, table) if c not in ("id", "session_id", "position", "key")]
    keys = [c for c in _columns(project, table) if c not in columns]
    same = " AND ".join(f"kept_{table}.{key} = {table}.{key}" for key in keys)
    change = ", ".join(f"{c} = (SELECT {c} FROM kept_{table} WHERE {same})" for c in columns)  # noqa: S608
    missing = f"SELECT * FROM kept_{table} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608
    by_hand(project, f"UPDATE {table} SET {change}", f"INSERT INTO {table} {missing}")  # noqa: S608


def _columns(project: Project, table: str) -> list[str]:
    query = (
        f"SELECT name FROM pragma_table_info('{table}')"  # noqa: S608
        if project.location.url is None
        else f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' "  # noqa: S608
        "ORDER BY ordinal_position"
    )
    return [str(row[0]) for row in by_hand(project, query)]


def test_a_trail_without_rows_or_of_another_project_is_never_whole(worked: Project) -> None:
    by_hand(worked, "UPDATE project SET id = 'another'")
    assert "does not begin with the making of this project" in found(worked)

    by_hand(worked, "DELETE FROM audit", "DELETE FROM label")

    assert "The audit trail is empty" in found(worked)
    tail = worked.audit.verify_tail()
    assert tail is not None
    assert "The audit trail is empty" in tampered_sentence(tail)


def test_imports_changes_and_files_that_were_replaced_leave_the_trail_whole(
    worked: Project, tmp_path: Path
) -> None:
    source = worked.frames.sources()[0]
    moved = [ImportedFrame(f"{e}/F0/1.png", "E77", "C7", 0, 1, 7) for e in EMBRYOS]
    worked.frames.add(source, [*moved, imported("E99", 1, 0), imported("E99", 1, 0)])
    worked.frames.add(source, [ImportedFrame("E99/F0/1.png", "E99", "C8", 0, 1, 101.0)])
    assert found(worked) == ""

    still = worked.frames.by_path("e1.png")[0]
    (tmp_path / "stills" / "e1.png").write_bytes(b"another image")
    assert worked.frames.ensure_hash(still.id) == hashlib.sha256(b"another image").hexdigest()
    assert found(worked) == ""

    (tmp_path / "stills" / "e1.png").unlink()
    assert "its file cannot be read to tell" in found(worked)


def test_a_project_of_an_older_version_verifies_and_says_what_is_not_covered(file_project: Project) -> None:
    source = file_project.frames.add_source(file_project.folder / "frames", "folder")
    file_project.frames.add(source, [imported("E1", 1, 0)])
    file_project.audit.append(
        "Ana", "import", f"source:{source.id}", None, {"source": source.name, "added": 1}
    )
    by_hand(file_project, "UPDATE frame SET hpi = 3")

    assert file_project.audit.verify() is None
    assert file_project.audit.uncovered() == [source.name]


@pytest.mark.parametrize("table", ["audit", "flag", "grader"])
def test_a_table_that_is_gone_is_a_damaged_project_in_a_sentence(project: Project, table: str) -> None:
    by_hand(project, f"DROP TABLE {table}")

    with pytest.raises(UserError, match=r"is damaged \(.*table.* is missing\)"):
        project.audit.verify()


def test_an_end_that_was_cut_with_its_labels_shows_to_who_saw_it(project: Project, tmp_path: Path) -> None:
    source = project.frames.add_source(tmp_path / "frames", "folder")
    project.frames.add(source, [imported("E1", index, 0) for index in range(4)])
    labels = [project.labels.record(n + 1, f"{n:064x}", "Ana", ENTRY) for n in range(4)]
    head = project.audit.head()
    assert head is not None
    for table in ("audit", "label"):
        unprotect(project, table)

    cut = f"DELETE FROM audit WHERE id > {head.id - 2}"  # noqa: S608
    by_hand(project, cut, "DELETE FROM label WHERE id > 2")

    words = f"This computer saw row {head.id:,} of the audit trail on"
    for broken in (project.audit.verify(), project.audit.verify_tail()):
        assert broken is not None
        assert words in tampered_sentence(broken)
        assert f"ends at row {head.id - 2:,} now" in tampered_sentence(broken)
    assert not project.audit.holds(head.id, head.hash)

    project.close()
    with Project.open(project.folder) as again:
        for label in labels[1:]:
            again.labels.record(label.frame_id, label.sha256, "Boris", ENTRY)
        said = found(again)
        assert words in said
        assert "another row has its number now" in said

        again.audit.accept_restored("Ana")

        assert found(again) == ""
        newest = again.audit.head()
        assert newest is not None
        assert (newest.who, newest.action) == ("Ana", "audit.restored")
        assert str(head.hash) in newest.before


def test_what_is_saved_while_the_trail_is_verified_is_not_taken_for_lost(
    project: Project, tmp_path: Path
) -> None:
    source = project.frames.add_source(tmp_path / "frames", "folder")
    project.frames.add(source, [imported("E1", index, 0) for index in range(4)])
    saved = []

    def save(_: int) -> None:
        if not saved:
            saved.append(project.labels.record(1, f"{1:064x}", "Ana", ENTRY))

    assert project.audit.verify(save) is None
    assert saved
    assert project.audit.verify() is None


def test_a_computer_that_cannot_remember_still_verifies(
    file_project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    monkeypatch.setenv("BLASTO_ANNOTATOR_STATE", str(tmp_path / "taken"))
    file_project.close()

    with Project.open(file_project.folder) as again:
        again.graders.add("Ana", "Ana")
        assert again.audit.verify() is None
