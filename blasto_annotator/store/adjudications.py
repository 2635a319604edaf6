"""Adjudications: append-only; the newest row about an image's content counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.adjudication import Adjudication, Decided
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import AdjudicationRecord
from blasto_annotator.store.payloads import payload
from blasto_annotator.store.times import now_utc


class Adjudications:
    """What was decided of images that graders read differently."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record(
        self,
        frame_id: int,
        sha256: str,
        adjudicator: str,
        entry: LabelEntry | None,
        basis: Mapping[str, Any],
        why: str = "",
        moment: datetime | None = None,
    ) -> Adjudication:
        """Stores a decision, or with no entry the withdrawal of one, and returns it after the commit.

        `moment` is when it was entered; a second call with the same moment stores nothing more.

        Raises:
            UserError: nothing was saved; the sentence says why.
        """
        if not adjudicator.strip():
            raise UserError(
                "Nobody is named as adjudicator, so nothing was saved: say who you are, then try again."
            )
        row = _row(frame_id, sha256, adjudicator, entry, basis, why, moment or now_utc())
        with self._db.writing() as session:
            if (stored := _stored_already(session, row)) is not None:
                return _adjudication(stored)
            current = session.scalars(_newest(AdjudicationRecord.sha256 == sha256)).first()
            before = payload(current) if current is not None and not current.withdrawn else None
            session.add(row)
            session.flush()
            action = "adjudicate" if entry is not None else "adjudicate.withdraw"
            append_acts(session, [Act(adjudicator, action, f"frame:{frame_id}", before, payload(row), why)])
            return _adjudication(row)

    def current(self) -> list[Adjudication]:
        """The decision of each image that stands, oldest first."""
        with self._db.reading() as session:
            standing = _newest().where(AdjudicationRecord.withdrawn.is_(False))
            return _all(session, standing.order_by(AdjudicationRecord.id))

    def steps(self, adjudicator: str) -> list[Decided]:
        """This person's rows, oldest first, each with the decision that stood before it."""
        own = select(AdjudicationRecord.sha256).where(AdjudicationRecord.adjudicator == adjudicator)
        query = select(AdjudicationRecord).where(AdjudicationRecord.sha256.in_(own))
        standing: dict[str, Adjudication] = {}
        found: list[Decided] = []
        with self._db.reading() as session:
            for row in _all(session, query.order_by(AdjudicationRecord.id)):
                before = standing.pop(row.sha256, None)
                if row.entry is not None:
                    standing[row.sha256] = row
                if row.adjudicator == adjudicator:
                    found.append((row, before))
        return found

    def history(self, sha256: str) -> list[Adjudication]:
        """Every row about the image, oldest first."""
        query = select(AdjudicationRecord).where(AdjudicationRecord.sha256 == sha256)
        with self._db.reading() as session:
            return _all(session, query.order_by(AdjudicationRecord.id))


def _newest(*conditions: Any) -> Select[AdjudicationRecord]:
    ids = select(func.max(AdjudicationRecord.id)).where(*conditions).group_by(AdjudicationRecord.sha256)
    return select(AdjudicationRecord).where(AdjudicationRecord.id.in_(ids))


def _stored_already(session: Session, row: AdjudicationRecord) -> AdjudicationRecord | None:
    """The same row from an earlier call whose answer was lost with the connection."""
    same = (AdjudicationRecord.sha256 == row.sha256, AdjudicationRecord.adjudicator == row.adjudicator)
    query = select(AdjudicationRecord).where(*same, AdjudicationRecord.time_utc == row.time_utc)
    return session.scalars(query.order_by(AdjudicationRecord.id)).first()


def _all(session: Session, query: Select[AdjudicationRecord]) -> list[Adjudication]:
    return [_adjudication(record) for record in session.scalars(query)]


def _row(
    frame_id: int,
    sha256: str,
    adjudicator: str,
    entry: LabelEntry | None,
    basis: Mapping[str, Any],
    why: str,
    moment: datetime,
) -> AdjudicationRecord:
    grade = entry.grade if entry is not None else None
    return AdjudicationRecord(
        frame_id=frame_id,
        sha256=sha256,
        adjudicator=adjudicator,
        withdrawn=entry is None,
        expansion=grade.expansion if grade else None,
        icm=grade.icm if grade else None,
        te=grade.te if grade else None,
        reason=entry.reason if entry is not None else "",
        note=entry.note if entry is not None else "",
        basis=dict(basis),
        time_utc=moment,
        why=why,
    )


def _adjudication(row: AdjudicationRecord) -> Adjudication:
    grade = None if row.expansion is None else Grade(row.expansion, row.icm, row.te)
    entry = None if row.withdrawn else LabelEntry(grade, row.reason, row.note)
    return Adjudication(
        row.id, row.frame_id, row.sha256, row.adjudicator, entry, row.time_utc, row.why, row.basis
    )
