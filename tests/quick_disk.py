"""Tests kill processes, not machines: what they write need not have reached the disk itself."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from blasto_annotator.store import engines

CONFIGURE = engines._configure_sqlite
"""As the application opens its files."""


@contextmanager
def unsynced() -> Iterator[None]:
    """Within, this process waits for no disk; children do as ever."""
    fsync = os.fsync

    def configure(connection: sqlite3.Connection, record: Any) -> None:
        CONFIGURE(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    engines._configure_sqlite, os.fsync = configure, lambda _: None
    try:
        yield
    finally:
        engines._configure_sqlite, os.fsync = CONFIGURE, fsync
