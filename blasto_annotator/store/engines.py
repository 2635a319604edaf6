"""Connections: what SQLite and PostgreSQL each need to be told."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.location import Location

BUSY_SECONDS = 10
"""How long a write waits for another one."""
CONNECT_SECONDS = 5
_WRITES = "blasto_writes"
_LOCK = 0x626C6173746F
"""Key of the advisory lock that every write holds; PostgreSQL keeps one such lock a database."""
_ALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_UNSAFE = "current_setting('synchronous_commit') IN ('off', 'local')"
_SESSION = (
    # A seat that lost its network must not hold the lock against the others for TCP's own two hours.
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET idle_in_transaction_session_timeout = '60s'",
    f"SET lock_timeout = '{BUSY_SECONDS}s'",
    "SET timezone = 'UTC'",
    # A server may be set to acknowledge before the disk has it.
    f"SELECT set_config('synchronous_commit', 'on', false) WHERE {_UNSAFE}",
)


def engine_at(location: Location) -> Engine:
    """An engine on a project's database."""
    if location.url is not None:
        return postgresql_engine(location.url)
    return archive_engine(location.path) if location.read_only else sqlite_engine(location.path)


def for_writing(engine: Engine) -> Engine:
    """The engine with transactions that hold the write lock from their start."""
    return engine.execution_options(**{_WRITES: True})


def for_reading(engine: Engine) -> Engine:
    """The engine with transactions that see one state of the data and change nothing."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def sqlite_engine(path: Path) -> Engine:
    """An engine on an SQLite file: WAL, synchronous FULL, foreign keys on, explicit BEGIN."""
    url = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def archive_engine(path: Path) -> Engine:
    """An engine on an SQLite file that nobody changes meanwhile: nothing is written, not even beside it."""
    told = {"mode": "ro", "immutable": "1", "uri": "true"}
    engine = create_engine(URL.create("sqlite+pysqlite", database=path.absolute().as_uri(), query=told))
    event.listen(engine, "connect", _configure_archive)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def postgresql_engine(url: URL) -> Engine:
    """An engine on a PostgreSQL database; connections that died while idle are replaced unnoticed.

    Raises:
        UserError: the driver is not installed.
    """
    told = {"connect_timeout": CONNECT_SECONDS, "application_name": "blasto-annotator", **_ALIVE}
    try:
        engine = create_engine(url, connect_args=told, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise UserError(
            "PostgreSQL's driver is not installed: pip install 'blasto-annotator[postgresql]'."
        ) from error
    event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first INSERT): two processes could both read the
    # audit chain's end and then fork it. So the driver begins nothing and `_begin_sqlite` does.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -8192")  # KiB; every thread has a connection of its own


def _configure_archive(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA cache_size = -8192")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _configure_postgresql(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    for statement in _SESSION:
        connection.execute(statement)
    connection.autocommit = False


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
