"""The audit trail: one hash-chained row for every write, in the write's own transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from blasto_annotator import __version__
from blasto_annotator.domain.audit import GENESIS, AuditRow, canonical, chained_fields, row_hash
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import AuditRecord
from blasto_annotator.store.times import now_utc
from blasto_annotator.store.verification import first_untrue

_COLUMNS = [getattr(AuditRecord, field.name) for field in fields(AuditRow)]


@dataclass(frozen=True)
class Act:
    """What an audit row is to say."""

    who: str
    action: str
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    why: str = ""


class Audit:
    """Reading, extending and verifying the trail."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def rows(self, limit: int | None = None, newest_first: bool = False) -> list[AuditRow]:
        """The trail's rows, oldest first unless asked otherwise."""
        order = AuditRecord.id.desc() if newest_first else AuditRecord.id
        with self._db.reading() as session:
            found = session.execute(select(*_COLUMNS).order_by(order).limit(limit))
            return [AuditRow(*row) for row in found]

    def append(
        self,
        who: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str = "",
    ) -> AuditRow:
        """Adds a row for an act that is stored elsewhere, such as a snapshot or a run."""
        with self._db.writing() as session:
            return append_acts(session, [Act(who, action, subject, before, after, why)])[0]

    def verify(self) -> AuditRow | None:
        """The first row that does not hold, or None where the trail is whole.

        A row does not hold when the chain breaks at it, or when the label or review that it tells of was
        altered or removed. A label or review that no row tells of is returned as a row with number 0.
        """
        with self._db.reading() as session:
            return first_untrue(session, _all_rows(session))


def append_acts(session: Session, acts: Sequence[Act], moment: datetime | None = None) -> list[AuditRow]:
    """Adds rows to the chain inside the caller's write transaction, which excludes every other writer."""
    newest = select(AuditRecord.id, AuditRecord.hash).order_by(AuditRecord.id.desc()).limit(1)
    last = session.execute(newest).first()
    number, previous = (last.id, last.hash) if last is not None else (0, GENESIS)
    time_utc = (moment or now_utc()).isoformat(timespec="microseconds")
    rows = []
    for number, act in enumerate(acts, start=number + 1):  # noqa: B020
        rows.append(_row(number, time_utc, act, previous))
        previous = rows[-1].hash
    if rows:
        session.execute(insert(AuditRecord), [vars(row) for row in rows])
    return rows


def _row(number: int, time_utc: str, act: Act, previous: str) -> AuditRow:
    before, after = canonical(act.before), canonical(act.after)
    row = AuditRow(
        number, time_utc, act.who, act.action, act.subject, before, after, act.why, __version__, previous, ""
    )
    return replace(row, hash=row_hash(previous, chained_fields(row)))


def _all_rows(session: Session) -> Iterator[AuditRow]:
    found = session.execute(select(*_COLUMNS).order_by(AuditRecord.id).execution_options(yield_per=1000))
    return (AuditRow(*row) for row in found)
