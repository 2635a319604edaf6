"""Imports of labels as a whole: which there were, and how one is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store.database import Database
from blasto_annotator.store.labels import append_rows, current_ids, entry_of, row_of
from blasto_annotator.store.models import LabelRecord
from blasto_annotator.store.times import now_utc

IMPORT = "import"
"""The reason that a label keeps which came from a table."""
TAKEN_BACK = "import taken back"
_ACTION = "label.import.undo"


@dataclass(frozen=True)
class LabelImport:
    """Labels that one table brought."""

    number: int
    """The first row that it stored."""
    grader: str
    labels: int
    standing: int
    """Of them, those that nothing was said about since."""
    time_utc: datetime


class LabelImports:
    """What was imported, by whom it was said, and the way back."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[LabelImport]:
        """Every import, oldest first."""
        newest = func.count().filter(LabelRecord.id.in_(current_ids()))
        query = select(
            func.min(LabelRecord.id), LabelRecord.grader, func.count(), newest, LabelRecord.time_utc
        )
        query = query.where(LabelRecord.why == IMPORT).group_by(LabelRecord.time_utc, LabelRecord.grader)
        with self._db.reading() as session:
            return [LabelImport(*row) for row in session.execute(query.order_by(func.min(LabelRecord.id)))]

    def take_back(self, number: int, who: str) -> tuple[int, int]:
        """Takes an import back: what stood before each label stands again, or nothing.

        Labels of which more was said since stay. Nothing is erased: it is one more row a label, in one
        transaction. Returns how many were taken back, and how many stay.

        Raises:
            UserError: there is no such import, or nothing of it stands.
        """
        with self._db.writing() as session:
            rows = _rows(session, number)
            grader = rows[0].grader
            current = set(session.scalars(current_ids(LabelRecord.grader == grader)))
            standing = [row for row in rows if row.id in current]
            if not standing:
                raise UserError(f"Nothing of import {number} stands any more: there is nothing to take back.")
            before, moment = _before(session, grader, number), now_utc()
            new = [
                row_of(row.frame_id, row.sha256, grader, before.get(row.sha256), TAKEN_BACK, moment)
                for row in standing
            ]
            append_rows(session, new, _ACTION, who)
            return len(new), len(rows) - len(new)


def _rows(session: Session, number: int) -> list[LabelRecord]:
    first = session.get(LabelRecord, number)
    if first is None or first.why != IMPORT:
        raise UserError(f"There is no import {number}: “blasto-annotator labels imports PROJECT” lists them.")
    same = (LabelRecord.grader == first.grader, LabelRecord.time_utc == first.time_utc)
    query = select(LabelRecord).where(LabelRecord.why == IMPORT, *same).order_by(LabelRecord.id)
    return list(session.scalars(query))


def _before(session: Session, grader: str, number: int) -> dict[str, LabelEntry]:
    """Image's content to what the grader had said of it before that row, where anything."""
    earlier = current_ids(LabelRecord.grader == grader, LabelRecord.id < number)
    query = select(LabelRecord).where(LabelRecord.id.in_(earlier), LabelRecord.withdrawn.is_(False))
    return {row.sha256: entry_of(row) for row in session.scalars(query)}
