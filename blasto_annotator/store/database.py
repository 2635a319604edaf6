"""A project's database: short transactions, on SQLite or PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.engines import engine_at, for_reading, for_writing
from blasto_annotator.store.faults import moved_sentence, translated
from blasto_annotator.store.heads import WRITTEN, Heads
from blasto_annotator.store.location import Location
from blasto_annotator.store.markers import refuse_moved, refuse_unfinished


class Database:
    """Short transactions on one project's database; safe to use from any thread."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.engine = engine_at(location)
        self._reader = for_reading(self.engine)
        self._writer = for_writing(self.engine)
        self._identity = _identity(location.path)
        self._closed = False
        self.heads: Heads | None = None
        """Set once the project is known; told of every row that is written."""

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.location.folder

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view of the data.

        Raises:
            UserError: a file that is only read is being written by somebody, or the database cannot be read.
        """
        if self.location.read_only:
            refuse_unfinished(self.location.path)
        with self._tidied(), translated(self.location), Session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its start; commits at the end or leaves nothing.

        Raises:
            UnreachableError: the server does not answer; whether the commit took place is not known then.
            UserError: the project is only read or gone, the disk is full, or the database is locked or may
                not be written.
        """
        if self.location.read_only:
            raise UserError(
                f"{self.folder} is open for reading only, so nothing was saved: copy the folder to where you "
                "may write, and open the copy."
            )
        self.check_present()
        with self._tidied(), translated(self.location), Session(self._writer) as session:
            with session.begin():
                if self.location.url is not None:
                    refuse_moved(session, self.location)
                yield session
            if self.heads is not None and WRITTEN in session.info:
                self.heads.saw(*session.info[WRITTEN])

    def check_present(self) -> None:
        """Checks that the file at the path still is the file that was opened.

        Raises:
            UserError: moved, deleted or replaced.
        """
        path = self.location.path
        try:
            same = _identity(path) == self._identity
        except OSError as error:
            raise UserError(moved_sentence(path)) from error
        if not same:
            raise UserError(moved_sentence(path))

    def close(self) -> None:
        """Closes all connections; one that another thread still uses is closed when it is given back."""
        self._closed = True
        self._dispose()

    @contextmanager
    def _tidied(self) -> Iterator[None]:
        try:
            yield
        finally:
            if self._closed:
                self._dispose()

    def _dispose(self) -> None:
        # Not `Engine.dispose`, which puts a new pool in this one's place: what another thread gives back to
        # the old one, or takes from the new one meanwhile, would stay open.
        self.engine.pool.dispose()


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
