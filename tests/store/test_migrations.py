"""The schema's history: models and migrations agree, older files are copied and brought up to date."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from blasto_annotator.domain.audit import GENESIS, canonical, row_hash
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.store import Project, migrate
from blasto_annotator.store.engines import sqlite_engine
from blasto_annotator.store.models import APPEND_ONLY, Base

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("project", sa.Column("clinic", sa.Text(), server_default="", nullable=False))
    {more}
"""


@pytest.fixture
def project(file_project: Project) -> Project:
    """These tests are about the file."""
    return file_project


def next_version(tmp_path: Path, more: str = "") -> Path:
    """A folder of migrations with one more than this program has."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "r9999_next.py").write_text(NEXT.format(more=more, head=migrate.HEAD))
    return folder


def _query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def test_the_migrations_make_exactly_what_the_models_say(project: Project) -> None:
    with project._db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_head_that_opening_trusts_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_heads() == [migrate.HEAD]


def test_every_append_only_table_has_its_triggers(project: Project) -> None:
    rows = _query(project.folder / "project.db", "SELECT name FROM sqlite_master WHERE type = 'trigger'")

    expected = {f"{table}_no_{act}" for table in APPEND_ONLY for act in ("update", "delete", "replace")}
    assert {name for (name,) in rows} == expected


def test_an_older_project_is_copied_and_brought_up_to_date(filled: Project, tmp_path: Path) -> None:
    label = filled.labels.record(1, "a" * 64, "ann", LabelEntry(parse_grade("4AB")))
    filled.close()
    path = filled.folder / "project.db"

    migrate.bring_up_to_date(path, "9999", next_version(tmp_path))

    assert _query(path, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert _query(path, "SELECT clinic FROM project") == [("",)]
    copy = path.with_name(f"project.db.bak-{migrate.HEAD}")
    assert _query(copy, "SELECT version_num FROM alembic_version") == [(migrate.HEAD,)]
    assert _query(copy, "SELECT id FROM label") == [(label.id,)]


def test_a_migration_that_fails_changes_nothing(filled: Project, tmp_path: Path) -> None:
    filled.close()
    folder = next_version(tmp_path, more="raise RuntimeError('half way')")

    with pytest.raises(RuntimeError, match="half way"):
        migrate.bring_up_to_date(filled.folder / "project.db", "9999", folder)

    with Project.open(filled.folder) as again:
        assert again.frames.count() > 0


def test_opening_a_project_of_this_version_copies_nothing(project: Project) -> None:
    project.close()
    Project.open(project.folder).close()

    assert not list(project.folder.glob("*.bak-*"))


def test_the_same_tables_can_be_written_for_postgresql() -> None:
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    for table in Base.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=dialect))


def test_rows_of_the_first_version_still_hold_after_the_upgrade(tmp_path: Path) -> None:
    first = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, first, ignore=shutil.ignore_patterns("__pycache__", "r000[2-9]*"))
    old = tmp_path / "old" / "project.db"
    old.parent.mkdir()
    engine = sqlite_engine(old)
    migrate.create_schema(engine, first)
    engine.dispose()
    _fill_as_the_first_version_did(old)

    with Project.open(old.parent) as upgraded:
        assert upgraded.audit.verify() is None
        assert [review.verdict for review in upgraded.reviews.current()] == [Verdict(Realism.PERFECT)]


def _fill_as_the_first_version_did(path: Path) -> None:
    said = {
        "batch": "b",
        "session_id": None,
        "position": 0,
        "reviewer": "ann",
        "kind": "generated",
        "sha256": "a" * 64,
        "class_name": "good",
        "image": "i.png",
        "frame_id": None,
        "withdrawn": False,
        "realism": "perfect",
        "wrong_class": False,
        "defects": [],
        "looks_like": "",
        "note": "",
        "why": "",
        "time_utc": "2026-01-02T03:04:05.000006+00:00",
    }
    after = canonical({"row": "review:1", **said})
    moment = said["time_utc"]
    made = canonical({"name": "old", "scheme": "gardner-3group", "sample": False})
    first = ("1", moment, "", "project.create", "project:p", "", made, "", "0.1")
    told = ("2", moment, "ann", "review", "batch:b/i.png", "", after, "", "0.1")
    stored = {**said, "id": 1, "defects": "[]", "time_utc": "2026-01-02 03:04:05.000006"}
    names, places = ", ".join(stored), ", ".join("?" * len(stored))
    with closing(sqlite3.connect(path)) as connection, connection:
        project = ("p", "old", "gardner-3group", "0.1", False, "2026-01-02 03:04:05")
        connection.execute(
            "INSERT INTO project (id, name, scheme, version, sample, created_utc) VALUES (?,?,?,?,?,?)",
            project,
        )
        connection.execute(f"INSERT INTO review ({names}) VALUES ({places})", tuple(stored.values()))  # noqa: S608
        link = row_hash(GENESIS, first)
        rows = [(1, *first[1:], GENESIS, link), (2, *told[1:], link, row_hash(link, told))]
        connection.executemany("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
