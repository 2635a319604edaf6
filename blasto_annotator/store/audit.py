"""The audit trail: one hash-chained row for every write, in the write's own transaction."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select
from sqlalchemy.orm import Session

from blasto_annotator import __version__
from blasto_annotator.domain.audit import GENESIS, AuditFilter, AuditRow, canonical, chained_fields, row_hash
from blasto_annotator.store.database import Database
from blasto_annotator.store.heads import WRITTEN, Heads
from blasto_annotator.store.models import AuditRecord, EmbryoRecord, ProjectRecord
from blasto_annotator.store.times import now_utc
from blasto_annotator.store.verification import Progress, first_untrue

PAGE = 200
TAIL = 2000
"""Rows that are verified whenever a project is opened."""
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

    @property
    def _heads(self) -> Heads:
        if self._db.heads is None:
            raise RuntimeError("the project is not open")
        return self._db.heads

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

    def verify(self, progress: Progress | None = None) -> AuditRow | None:
        """The first row that does not hold, or None where the trail is whole.

        A row does not hold when the chain breaks at it, or when what it tells of was altered or removed.
        Number 0 stands for what no row tells of, for a trail without its beginning or an end seen here.
        """
        known = self._heads.known()
        with self._db.reading() as session:
            found = first_untrue(session, whole_trail(session), progress=progress, frames=self._db.folder)
            return found or self._heads.look(session, known)

    def verify_tail(self, count: int = TAIL) -> AuditRow | None:
        """As `verify`, but of the newest rows only: quick, whatever the length of the trail."""
        known = self._heads.known()
        with self._db.reading() as session:
            newest = session.scalar(select(func.max(AuditRecord.id))) or 0
            first = max(newest - count + 1, 1)
            before = session.execute(select(*_COLUMNS).where(AuditRecord.id == first - 1)).first()
            previous = None if before is None else AuditRow(*before)
            found = first_untrue(session, _rows_from(session, first), previous, whole=first == 1)
            return found or self._heads.look(session, known)

    def head(self) -> AuditRow | None:
        """The newest row; its number and hash, kept elsewhere, show later that nothing before was cut off."""
        return next(iter(self.rows(1, newest_first=True)), None)

    def holds(self, number: int, row_hash: str) -> bool:
        """Whether the row of this number is the one that was written down; the hash's beginning will do."""
        with self._db.reading() as session:
            there = session.scalar(select(AuditRecord.hash).where(AuditRecord.id == number))
        return there is not None and there.startswith(row_hash)

    def accept_restored(self, who: str) -> AuditRow:
        """A backup was restored knowingly: what this computer saw behind its end counts no more.

        That is a row of the trail, too, so that nobody can say so unseen.
        """
        known = self._heads.known()
        with self._db.writing() as session:
            project = session.scalars(select(ProjectRecord.id)).one()
            before = None if known is None else asdict(known)
            row = append_acts(session, [Act(who, "audit.restored", f"project:{project}", before)])[0]
        self._heads.accept(row)
        return row

    def count(self) -> int:
        """Number of rows."""
        with self._db.reading() as session:
            return session.scalar(select(func.count()).select_from(AuditRecord)) or 0

    def extent(self) -> int:
        """How many rows `verify` looks at: those of the trail, embryos and frames."""
        embryos = select(func.count(), func.coalesce(func.sum(EmbryoRecord.frames), 0))
        with self._db.reading() as session:
            return self.count() + sum(session.execute(embryos.select_from(EmbryoRecord)).one())

    def uncovered(self) -> list[str]:
        """Sources whose frames cannot be checked: an older version imported them and told no sums."""
        query = select(AuditRecord.subject, AuditRecord.after).where(AuditRecord.action == "import")
        with self._db.reading() as session:
            told = ((subject, json.loads(after)) for subject, after in session.execute(query))
            return sorted({str(said.get("source", subject)) for subject, said in told if "sums" not in said})

    def page(self, wanted: AuditFilter, before: int | None = None, limit: int = PAGE) -> list[AuditRow]:
        """Rows that fit, newest first, older than row number `before`: quick at any place of the trail."""
        query = select(*_COLUMNS).where(*_conditions(wanted)).order_by(AuditRecord.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRecord.id < before)
        with self._db.reading() as session:
            return [AuditRow(*row) for row in session.execute(query)]

    def choices(self) -> tuple[list[str], list[str]]:
        """Everybody and every action that the trail names."""
        with self._db.reading() as session:
            found = [session.scalars(select(c).distinct()) for c in (AuditRecord.who, AuditRecord.action)]
            people, actions = (sorted(name for name in names if name) for names in found)
            return people, actions


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
        session.info[WRITTEN] = rows[-1].id, rows[-1].hash
    return rows


def _row(number: int, time_utc: str, act: Act, previous: str) -> AuditRow:
    before, after = canonical(act.before), canonical(act.after)
    row = AuditRow(
        number, time_utc, act.who, act.action, act.subject, before, after, act.why, __version__, previous, ""
    )
    return replace(row, hash=row_hash(previous, chained_fields(row)))


def whole_trail(session: Session) -> Generator[AuditRow, None, None]:
    """Every row, oldest first, a thousand in memory at a time."""
    return _rows_from(session, 1)


def _rows_from(session: Session, number: int) -> Generator[AuditRow, None, None]:
    query = select(*_COLUMNS).where(AuditRecord.id >= number).order_by(AuditRecord.id)
    with session.execute(query.execution_options(yield_per=1000)) as found:
        yield from (AuditRow(*row) for row in found)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.who:
        found.append(AuditRecord.who == wanted.who)
    if wanted.action:
        found.append(AuditRecord.action == wanted.action)
    if wanted.subject:
        found.append(AuditRecord.subject == wanted.subject)
    if wanted.since is not None:
        found.append(AuditRecord.time_utc >= _as_stored(wanted.since))
    if wanted.until is not None:
        found.append(AuditRecord.time_utc < _as_stored(wanted.until))
    if wanted.text:
        names = ("who", "action", "subject", "why", "before", "after")
        fields = [getattr(AuditRecord, name) for name in names]
        found.append(or_(*(field.icontains(wanted.text, autoescape=True) for field in fields)))
    return found


def _as_stored(moment: datetime) -> str:
    """ISO 8601 in UTC, whose order as text is its order in time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
