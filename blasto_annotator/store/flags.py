"""Flags on frames: append-only rows; the newest row of a person, an image and a name counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.flags import FLAGS, Flag, flag_name
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import FlagRecord
from blasto_annotator.store.payloads import payload
from blasto_annotator.store.times import now_utc


class Flags:
    """Which frames somebody wants to find again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(
        self, frame_id: int, sha256: str, who: str, flag: str, *, raised: bool = True, note: str = "",
        why: str = "", moment: datetime | None = None,
    ) -> Flag:  # fmt: skip
        """Raises a flag on an image, or takes it off, and returns the row after the commit.

        `moment` is when it was entered; a second call with the same moment stores nothing more.

        Raises:
            UserError: nobody is named, or the flag has no name; nothing was saved.
        """
        if not who.strip():
            raise UserError("Nobody is named as grader, so the flag was not saved: say who grades first.")
        name = flag_name(flag)
        with self._db.writing() as session:
            own = (FlagRecord.sha256 == sha256, FlagRecord.who == who, FlagRecord.flag == name)
            if (stored := _stored_already(session, own, moment)) is not None:
                return _flag(stored)
            earlier = session.scalars(_newest(*own)).one_or_none()
            row = FlagRecord(
                frame_id=frame_id, sha256=sha256, who=who, flag=name, raised=raised, note=note,
                time_utc=moment or now_utc(), why=why,
            )  # fmt: skip
            session.add(row)
            session.flush()
            before = None if earlier is None else payload(earlier)
            action = "flag" if raised else "flag.lower"
            append_acts(session, [Act(who, action, f"frame:{frame_id}", before, payload(row), why)])
            return _flag(row)

    def of_image(self, sha256: str) -> list[Flag]:
        """The flags that stand on an image, oldest first."""
        query = _newest(FlagRecord.sha256 == sha256).where(FlagRecord.raised).order_by(FlagRecord.id)
        with self._db.reading() as session:
            return [_flag(row) for row in session.scalars(query)]

    def standing(self) -> list[Flag]:
        """The flags that stand on any image, oldest first."""
        query = _newest().where(FlagRecord.raised).order_by(FlagRecord.id)
        with self._db.reading() as session:
            return [_flag(row) for row in session.scalars(query)]

    def names(self, who: str) -> list[str]:
        """The names offered: the usual ones, then this person's own."""
        query = select(FlagRecord.flag).where(FlagRecord.who == who).distinct()
        with self._db.reading() as session:
            own = set(session.scalars(query))
        return [*FLAGS, *sorted(own - set(FLAGS))]


def standing_hashes(who: str, *conditions: ColumnElement[bool]) -> Select[str]:
    """Hashes of images with a flag that stands: one's own, or a colleague's of the usual names."""
    seen = (FlagRecord.who == who) | FlagRecord.flag.in_(FLAGS)
    newest = select(func.max(FlagRecord.id)).group_by(FlagRecord.sha256, FlagRecord.who, FlagRecord.flag)
    current = FlagRecord.id.in_(newest)
    return select(FlagRecord.sha256).where(current, FlagRecord.raised, seen, *conditions)


def _stored_already(
    session: Session, own: Sequence[ColumnElement[bool]], moment: datetime | None
) -> FlagRecord | None:
    """The row of an earlier call whose answer was lost with the connection."""
    if moment is None:
        return None
    query = select(FlagRecord).where(*own, FlagRecord.time_utc == moment).order_by(FlagRecord.id)
    return session.scalars(query).first()


def _newest(*conditions: ColumnElement[bool]) -> Select[FlagRecord]:
    newest = select(func.max(FlagRecord.id)).where(*conditions)
    newest = newest.group_by(FlagRecord.sha256, FlagRecord.who, FlagRecord.flag)
    return select(FlagRecord).where(FlagRecord.id.in_(newest))


def _flag(row: FlagRecord) -> Flag:
    return Flag(row.id, row.frame_id, row.sha256, row.who, row.flag, row.raised, row.note, row.time_utc)
