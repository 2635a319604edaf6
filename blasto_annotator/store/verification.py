"""Does the audit trail hold, and do the stored rows still say what it says they said?"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from itertools import islice

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.audit import AuditRow, canonical, follows
from blasto_annotator.store.models import (
    AdjudicationRecord,
    Base,
    FlagRecord,
    LabelRecord,
    PromotionRecord,
    RepeatLabelRecord,
    ReviewRecord,
)
from blasto_annotator.store.payloads import ROW, payload, row_name

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
"""Told how many rows of the trail were looked at."""


def first_untrue(
    session: Session,
    rows: Generator[AuditRow, None, None],
    previous: AuditRow | None = None,
    progress: Progress | None = None,
    whole: bool = True,
) -> AuditRow | None:
    """The first row that breaks the chain or tells of a stored row that differs; None where all holds.

    `previous` is the row before the first of `rows`. `whole` looks for stored rows that none tells of, too.
    Memory stays small whatever the length of the trail.
    """
    told = _Told()
    done = 0
    with closing(rows):
        while batch := list(islice(rows, _BATCH)):
            broken = _first_broken(session, batch, previous, told)
            if broken is not None:
                return broken
            previous, done = batch[-1], done + len(batch)
            if progress is not None:
                progress(done)
    return _first_unrecorded(session, told) if whole else None


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
    session: Session, batch: Sequence[AuditRow], previous: AuditRow | None, told: _Told
) -> AuditRow | None:
    names = [_row_told(row) for row in batch]
    stored = _stored(session, [name for name in names if name is not None])
    for row, name in zip(batch, names, strict=True):
        if not follows(row, previous):
            return row
        if name is not None and not (told.tell(*name) and stored.get(name) == row.after):
            return row
        previous = row
    return None


def _row_told(row: AuditRow) -> tuple[str, int] | None:
    """Table and number of the stored row that an audit row tells of."""
    try:
        said = json.loads(row.after) if row.after else {}
    except json.JSONDecodeError:
        return None  # the row was altered: its hash says so
    table, _, number = str(said.get(ROW, "") if isinstance(said, dict) else "").partition(":")
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
