"""The database file: connections, transactions, and what SQLite alone needs to be told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.faults import moved_sentence, translated

BUSY_SECONDS = 10


class Database:
    """Short transactions on one project's database; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sqlite_engine(path)
        self._writer = self.engine.execution_options(blasto_writes=True)
        self._identity = _identity(path)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view of the data."""
        with translated(self.path), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its start; commits at the end or leaves nothing.

        Raises:
            UserError: the project is gone, the disk is full, or the file is locked or may not be written.
        """
        self.check_present()
        with translated(self.path), Session(self._writer) as session, session.begin():
            yield session

    def check_present(self) -> None:
        """Checks that the file at the path still is the file that was opened.

        Raises:
            UserError: moved, deleted or replaced.
        """
        try:
            same = _identity(self.path) == self._identity
        except OSError as error:
            raise UserError(moved_sentence(self.path)) from error
        if not same:
            raise UserError(moved_sentence(self.path))

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def sqlite_engine(path: Path) -> Engine:
    """An engine on an SQLite file: WAL, synchronous FULL, foreign keys on, explicit BEGIN."""
    url = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first INSERT): two processes could both read the
    # audit chain's end and then fork it. So the driver begins nothing and `_begin` does.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("blasto_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
