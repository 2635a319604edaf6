"""The database's version: bringing a new or older file up to this one, refusing a newer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.engines import engine_at, for_writing, postgresql_engine, sqlite_engine
from blasto_annotator.store.faults import damaged_sentence, translated
from blasto_annotator.store.location import Location, server_name

HEAD = "0003"
"""The revision that this version of the program reads; Alembic is loaded only where a file differs."""
_CHECKED_BYTES = 64 << 20
"""Files up to this size are checked whole on opening (about 0.1 s); a larger one shows damage when read."""
MIGRATIONS = Path(__file__).parent / "migrations"


def create_schema(engine: Engine, migrations: Path = MIGRATIONS) -> None:
    """Runs every migration that the database lacks, in one transaction."""
    with for_writing(engine).begin() as connection:
        upgrade(connection, migrations)


def upgrade(connection: Connection, migrations: Path = MIGRATIONS) -> None:
    """Runs every migration that the database lacks inside the caller's write transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def bring_up_to_date(path: Path, head: str = HEAD, migrations: Path = MIGRATIONS) -> None:
    """Migrates an older SQLite file after copying it to `project.db.bak-<revision>`.

    Raises:
        UserError: damaged, not a project, or made by a newer version.
    """
    engine = sqlite_engine(path)
    location = Location(path.parent)
    try:
        with translated(location):
            revision = _revision(engine, damaged_sentence(path, "it holds no project"))
            _check_pages(engine, path)
            if revision == head:
                return
            _check_known(revision, head, migrations, str(path.parent))
            _back_up(path, path.with_name(f"{path.name}.bak-{revision}"))
            create_schema(engine, migrations)
    finally:
        engine.dispose()


def check_readable(location: Location, head: str = HEAD, migrations: Path = MIGRATIONS) -> None:
    """Checks a file that is only read.

    Raises:
        UserError: damaged, not a project, or made by another version.
    """
    engine, path = engine_at(location), location.path
    try:
        with translated(location):
            revision = _revision(engine, damaged_sentence(path, "it holds no project"))
            _check_pages(engine, path)
            if revision == head:
                return
            _check_known(revision, head, migrations, str(location.folder))
            raise UserError(
                f"{location.folder} was made by an older version and cannot be written, so it cannot be "
                "brought up to date: copy the folder to where you may write, and open the copy."
            )
    finally:
        engine.dispose()


def bring_server_up_to_date(location: Location, head: str = HEAD, migrations: Path = MIGRATIONS) -> None:
    """Migrates an older database on a server, in one transaction that succeeds or changes nothing.

    Raises:
        UserError: no project is there, or it was made by a newer version.
    """
    if location.url is None:
        raise ValueError("the project is not on a server")
    engine, server = postgresql_engine(location.url), server_name(location.url)
    try:
        with translated(location):
            revision = _revision(engine, f"{server[:1].upper()}{server[1:]} holds no project.")
            if revision != head:
                _check_known(revision, head, migrations, server)
                create_schema(engine, migrations)
    finally:
        engine.dispose()


def holds_tables(connection: Connection) -> bool:
    """Whether a project was ever made in this database."""
    return inspect(connection).has_table("alembic_version")


def _revision(engine: Engine, missing: str) -> str:
    """The database's revision; `missing` is said where there is none."""
    with engine.connect() as connection:
        if not holds_tables(connection):
            raise UserError(missing)
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision is None:
            raise UserError(missing)
        return str(revision)


def _check_known(revision: str, head: str, migrations: Path, place: str) -> None:
    if revision not in _revisions(migrations):
        raise UserError(
            f"{place} was made by a newer version of blasto-annotator (database {revision}; this version "
            f"reads up to {head}). Install the newer version; nothing was changed."
        )


def _check_pages(engine: Engine, path: Path) -> None:
    if path.stat().st_size > _CHECKED_BYTES:
        return
    with engine.connect() as connection:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if found != "ok":
        raise UserError(damaged_sentence(path, str(found).replace("\n", " ")))


def _revisions(migrations: Path) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory(str(migrations)).walk_revisions()}


def _back_up(path: Path, copy: Path) -> None:
    """A consistent copy, the rows in the write-ahead log included."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
