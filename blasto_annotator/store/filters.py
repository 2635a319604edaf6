"""Filters that a grader keeps under a name."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import SavedFilterRecord
from blasto_annotator.store.times import now_utc


class Filters:
    """Typed filters by name; each grader has their own."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self, grader: str) -> dict[str, str]:
        """Name -> what was typed, by name."""
        query = select(SavedFilterRecord).where(SavedFilterRecord.grader == grader)
        with self._db.reading() as session:
            rows = session.scalars(query.order_by(SavedFilterRecord.name))
            return {row.name: str(row.query.get("text", "")) for row in rows}

    def save(self, grader: str, name: str, text: str) -> None:
        """Keeps a filter; one of the same name is replaced.

        Raises:
            UserError: it has no name.
        """
        name = " ".join(name.split())
        if not name:
            raise UserError("A saved filter needs a name, such as “day 5, not graded”.")
        with self._db.writing() as session:
            session.execute(delete(SavedFilterRecord).where(*_own(grader, name)))
            row = SavedFilterRecord(grader=grader, name=name, query={"text": text}, created_utc=now_utc())
            session.add(row)

    def remove(self, grader: str, name: str) -> None:
        """Forgets a filter."""
        with self._db.writing() as session:
            session.execute(delete(SavedFilterRecord).where(*_own(grader, name)))


def _own(grader: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return (SavedFilterRecord.grader == grader, SavedFilterRecord.name == name)
