"""What the database's errors mean to a person: a sentence with the file or server and what to do."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import server_faults
from blasto_annotator.store.location import Location

_NO_TABLE = re.compile(r"no such table: (?:main\.)?(\w+)")
_PERMISSIONS = "Check that its folder is there and that both may be written."


@contextmanager
def translated(location: Location) -> Iterator[None]:
    """Turns the database's environment errors into sentences; programming errors pass unchanged.

    Raises:
        UnreachableError: the server does not answer.
        UserError: the disk is full, the database locked, unreadable, damaged or without permission.
    """
    try:
        yield
    except DBAPIError as error:
        told = _told(error, location)
        if told is None:
            raise
        raise told from error
    except sqlite3.Error as error:
        sentence = describe(error, location.path)
        if sentence is None:
            raise
        raise UserError(sentence) from error


def _told(error: DBAPIError, location: Location) -> UserError | None:
    if location.url is not None:
        return server_faults.told(error, location.url)
    sentence = describe(error.orig, location.path)
    return None if sentence is None else UserError(sentence)


def describe(error: BaseException | None, path: Path) -> str | None:
    """The sentence for an SQLite error; None where it is a programming error."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return moved_sentence(path)
    if code == sqlite3.SQLITE_ERROR and (lost := _NO_TABLE.search(str(error))) is not None:
        return damaged_sentence(path, f"its table “{lost[1]}” is missing")
    sentences = {
        sqlite3.SQLITE_FULL: f"The disk is full: nothing was saved to {path}. Free some space and try again.",
        sqlite3.SQLITE_BUSY: f"Another program has been using {path} for ten seconds. Try again in a moment.",
        sqlite3.SQLITE_LOCKED: f"{path} is locked. Try again in a moment.",
        sqlite3.SQLITE_READONLY: f"{path} cannot be written. {_PERMISSIONS}",
        sqlite3.SQLITE_PERM: f"{path} may not be opened. {_PERMISSIONS}",
        sqlite3.SQLITE_AUTH: f"{path} may not be opened. {_PERMISSIONS}",
        sqlite3.SQLITE_CANTOPEN: f"{path} cannot be opened. {_PERMISSIONS}",
        sqlite3.SQLITE_IOERR: f"The disk failed while {path} was in use ({error}): nothing was saved. "
        "Check the disk and its free space, then try again.",
        sqlite3.SQLITE_CORRUPT: damaged_sentence(path, str(error)),
        sqlite3.SQLITE_NOTADB: damaged_sentence(path, str(error)),
    }
    return sentences.get(code & 0xFF)


def damaged_sentence(path: Path, reason: str) -> str:
    """Says that the database is damaged, and where a backup lies."""
    backups = sorted(path.parent.glob(path.name + ".bak-*"), key=lambda p: p.stat().st_mtime)
    where = f"the copy {backups[-1].name} beside it" if backups else "your backup of the project folder"
    return (
        f"The project's database {path} is damaged ({reason}). It was left as it is: move it aside, "
        f"with {path.name}-wal and {path.name}-shm, and put {where} in its place."
    )


def moved_sentence(path: Path) -> str:
    """Says that the project went away while it was open."""
    return (
        f"The project {path.parent} was moved, deleted or replaced while it was open, so nothing was saved. "
        "Put the folder back, or open the project where it is now."
    )
