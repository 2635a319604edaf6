"""The database's version: bringing a new or older file up to this one, refusing a newer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.database import sqlite_engine
from blasto_annotator.store.faults import damaged_sentence, translated

HEAD = "0002"
"""The revision that this version of the program reads; Alembic is loaded only where a file differs."""
_CHECKED_BYTES = 64 << 20
"""Files up to this size are checked whole on opening (about 0.1 s); a larger one shows damage when read."""
MIGRATIONS = Path(__file__).parent / "migrations"


def create_schema(engine: Engine, migrations: Path = MIGRATIONS) -> None:
    """Runs every migration that the database lacks."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.execution_options(blasto_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def bring_up_to_date(path: Path, head: str = HEAD, migrations: Path = MIGRATIONS) -> None:
    """Migrates an older database after copying it to `project.db.bak-<revision>`.

    Raises:
        UserError: damaged, not a project, or made by a newer version.
    """
    engine = sqlite_engine(path)
    try:
        with translated(path):
            revision = _revision(engine, path)
            _check_pages(engine, path)
            if revision == head:
                return
            if revision not in _revisions(migrations):
                raise UserError(
                    f"{path.parent} was made by a newer version of blasto-annotator (database "
                    f"{revision}; this version reads up to {head}). Install the newer "
                    "version; nothing was changed."
                )
            _back_up(path, path.with_name(f"{path.name}.bak-{revision}"))
            create_schema(engine, migrations)
    finally:
        engine.dispose()


def _revision(engine: Engine, path: Path) -> str:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            raise UserError(damaged_sentence(path, "it holds no project"))
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision is None:
            raise UserError(damaged_sentence(path, "it lacks its version"))
        return str(revision)


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
