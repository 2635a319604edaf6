"""Does the audit trail hold, and do the stored rows still say what it says they said?"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.audit import AuditRow, canonical, follows, untrue
from blasto_annotator.store.hashes import Hashes, Told
from blasto_annotator.store.models import (
    AdjudicationRecord,
    AuditRecord,
    Base,
    FlagRecord,
    LabelRecord,
    ProjectRecord,
    PromotionRecord,
    RepeatLabelRecord,
    ReviewRecord,
)
from blasto_annotator.store.payloads import ROW, payload, row_name
from blasto_annotator.store.standing import Standing

RECORDED: tuple[type[Base], ...] = (
    LabelRecord,
    RepeatLabelRecord,
    AdjudicationRecord,
    FlagRecord,
    ReviewRecord,
    PromotionRecord,
)
"""Tables each of whose rows one audit row tells of."""
_BATCH = 1000
_TABLES = {table.__tablename__: table for table in RECORDED}
Progress = Callable[[int], None]
"""Told how many rows were looked at: of the trail, then of embryos and frames."""


def first_untrue(
    session: Session,
    rows: Generator[AuditRow, None, None],
    previous: AuditRow | None = None,
    progress: Progress | None = None,
    whole: bool = True,
    frames: Path | None = None,
) -> AuditRow | None:
    """The first row that breaks the chain or tells of a stored row that differs; None where all holds.

    `previous` is the row before the first of `rows`. `whole` looks at how the trail begins, for stored rows
    that none tells of, and whether everything that may change is as it was last told. `frames`, the project's
    folder, is given where frames and embryos are looked at, too: of millions that takes a while. Memory stays
    small whatever the length of the trail.
    """
    told, standing, hashes = _Told(), Standing(), Hashes()
    done = _Count(progress)
    with closing(rows):
        while batch := [(row, _said(row)) for row in islice(rows, _BATCH)]:
            broken = _first_broken(session, batch, previous, told)
            if broken is not None:
                return broken
            if whole:
                standing.take(batch)
            if frames is not None:
                hashes.take(session, batch)
            previous = batch[-1][0]
            done.add(len(batch))
    found: AuditRow | None = None
    if whole:
        found = _beginning(session) or _first_unrecorded(session, told) or standing.first_untrue(session)
    if found is None and frames is not None:
        found = standing.first_untrue_frame(session, done.add) or hashes.first_untrue(session, frames)
    return found


class _Count:
    """Counts what was looked at, and tells it."""

    def __init__(self, progress: Progress | None) -> None:
        self._done, self._progress = 0, progress

    def add(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done)


def _beginning(session: Session) -> AuditRow | None:
    """A trail begins with the making of its own project."""
    project = session.scalars(select(ProjectRecord.id)).one()
    first = session.execute(
        select(AuditRecord.action, AuditRecord.subject).where(AuditRecord.id == 1)
    ).one_or_none()
    if first is not None and tuple(first) == ("project.create", f"project:{project}"):
        return None
    what = "is empty" if first is None else "does not begin with the making of this project"
    reason = f"The audit trail {what}: its rows were removed or replaced outside the application. "
    return untrue("beginning", f"project:{project}", reason + "Restore a backup.")


class _Told:
    """Which stored rows the trail told of so far: a byte a row."""

    def __init__(self) -> None:
        self._seen = {name: bytearray() for name in _TABLES}

    def tell(self, table: str, number: int) -> bool:
        """Notes a row; False where it was told of before."""
        seen = self._seen[table]
        if number >= len(seen):
            seen.extend(bytes(number + 1 - len(seen) + _BATCH))
        if seen[number]:
            return False
        seen[number] = 1
        return True

    def count(self, table: str) -> int:
        """How many rows of a table were told of."""
        return self._seen[table].count(1)

    def knows(self, table: str, number: int) -> bool:
        """Whether a row was told of."""
        return number < len(self._seen[table]) and bool(self._seen[table][number])


def _first_broken(
    session: Session, batch: Sequence[Told], previous: AuditRow | None, told: _Told
) -> AuditRow | None:
    names = [_row_told(said) for _, said in batch]
    stored = _stored(session, [name for name in names if name is not None])
    for (row, _), name in zip(batch, names, strict=True):
        if not follows(row, previous):
            return row
        if name is not None and not (told.tell(*name) and stored.get(name) == row.after):
            return row
        previous = row
    return None


def _said(row: AuditRow) -> Mapping[str, Any]:
    """What an audit row says was stored."""
    try:
        said = json.loads(row.after) if row.after else {}
    except json.JSONDecodeError:
        return {}  # the row was altered: its hash says so
    return said if isinstance(said, dict) else {}


def _row_told(said: Mapping[str, Any]) -> tuple[str, int] | None:
    """Table and number of the stored row that an audit row tells of."""
    table, _, number = str(said.get(ROW, "")).partition(":")
    return (table, int(number)) if table in _TABLES and number.isdecimal() else None


def _stored(session: Session, names: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """(table, number) -> canonical payload of the rows that are there."""
    found: dict[tuple[str, int], str] = {}
    for name, table in _TABLES.items():
        numbers = [number for of, number in names if of == name]
        if numbers:
            records = session.scalars(select(table).where(_key(table).in_(numbers)))
            found.update(((name, getattr(r, "id")), canonical(payload(r))) for r in records)  # noqa: B009
            session.expunge_all()
    return found


def _first_unrecorded(session: Session, told: _Told) -> AuditRow | None:
    for name, table in _TABLES.items():
        if session.scalar(select(func.count()).select_from(table)) == told.count(name):
            continue
        numbers: Iterable[int] = session.scalars(select(_key(table)).order_by(_key(table)))
        for number in [number for number in numbers if not told.knows(name, number)][:1]:
            record = session.get_one(table, number)
            return _unrecorded(row_name(record), canonical(payload(record)))
    return None


def _key(table: type[Base]) -> ColumnElement[int]:
    return table.__table__.c.id


def _unrecorded(name: str, text: str) -> AuditRow:
    return AuditRow(0, "", "", "unrecorded", name, "", text, "no audit row tells of it", "", "", "")
