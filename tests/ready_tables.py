"""A project's tables, made once by the migrations; every further new database of the tests gets them as made.

Only what the migrations do to an empty database is shortened; each test's project is founded as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url, text

from blasto_annotator.store import migrate
from blasto_annotator.store.engines import postgresql_engine

READY = "ready"
"""Where a new database on the server keeps the tables until a project is made in it."""
_OURS = text(
    "SELECT count(*) FROM pg_namespace JOIN pg_roles ON rolsuper "
    "WHERE nspname = :schema AND rolname = current_user"
)


@contextmanager
def quick_tables() -> Iterator[None]:
    """Within, an empty database gets its tables without Alembic, after the first file of each process."""
    slowly, statements = migrate.upgrade, list[str]()

    def upgrade(connection: Connection, migrations: Path = migrate.MIGRATIONS) -> None:
        if migrations != migrate.MIGRATIONS or migrate.holds_tables(connection):
            slowly(connection, migrations)
        elif connection.dialect.name == "sqlite":
            _fill_file(connection, statements, slowly)
        elif connection.scalar(_OURS, {"schema": READY}):
            _bring_out(connection)
        else:
            slowly(connection, migrations)

    migrate.upgrade = upgrade
    try:
        yield
    finally:
        migrate.upgrade = slowly


def lay_ready(url: str) -> None:
    """Makes the tables in a database on the server that others are copied from, and puts them aside."""
    engine = postgresql_engine(make_url(url))
    with engine.begin() as connection:
        migrate.upgrade(connection)
        for act in (
            f"ALTER SCHEMA public RENAME TO {READY}",
            "CREATE SCHEMA public AUTHORIZATION pg_database_owner",
            "GRANT USAGE ON SCHEMA public TO PUBLIC",
        ):
            connection.execute(text(act))
    engine.dispose()


def _bring_out(connection: Connection) -> None:
    connection.execute(text("DROP SCHEMA public"))
    connection.execute(text(f"ALTER SCHEMA {READY} RENAME TO public"))


def _fill_file(connection: Connection, statements: list[str], slowly: Callable[[Connection], None]) -> None:
    if not statements:
        statements += _noted(connection, slowly)
        return
    cursor = connection.connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def _noted(connection: Connection, slowly: Callable[[Connection], None]) -> list[str]:
    """What the migrations run on an empty file."""
    statements: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:
        assert not values, statement
        statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    slowly(connection)
    event.remove(connection, "before_cursor_execute", note)
    return [each for each in statements if not each.startswith(("SELECT", "PRAGMA"))]
