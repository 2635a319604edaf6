"""A person's newest steps, read back from the audit trail: the one place that holds all of them in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from blasto_annotator.domain.acts import Act, FlagAct, LabelAct, Step
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import AuditRecord, LabelRecord, RepeatLabelRecord

_LABELS = ("label", "label.withdraw")
_FLAGS = ("flag", "flag.lower")
KEPT = 1000
"""Steps further back than this many rows cannot be undone one by one any more."""

_Row = tuple[str, str, str, str, str]


class Acts:
    """Labels and flags as steps that can be undone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def recent(self, who: str, limit: int = KEPT) -> list[Step]:
        """This person's newest steps, oldest first; rows stored at the same moment are one step."""
        query = select(
            AuditRecord.time_utc, AuditRecord.action, AuditRecord.before, AuditRecord.after, AuditRecord.why
        )
        own = (AuditRecord.who == who, AuditRecord.action.in_((*_LABELS, *_FLAGS)))
        query = query.where(*own).order_by(AuditRecord.id.desc()).limit(limit)
        with self._db.reading() as session:
            rows: list[_Row] = [(r[0], r[1], r[2], r[3], r[4]) for r in session.execute(query)]
        moments = groupby(reversed(rows), key=lambda row: row[0])
        return [tuple(_act(row) for row in group) for _, group in moments]

    def given_since(self, who: str, moment: datetime) -> int:
        """How many images this person graded since then, second looks too, without what was taken back."""
        again = select(func.count(RepeatLabelRecord.first_label_id.distinct()))
        again = again.where(RepeatLabelRecord.grader == who, RepeatLabelRecord.time_utc >= moment)
        rows = select(LabelRecord.sha256, LabelRecord.why, LabelRecord.withdrawn)
        rows = rows.where(LabelRecord.grader == who, LabelRecord.time_utc >= moment).order_by(LabelRecord.id)
        given: dict[str, bool] = {}
        with self._db.reading() as session:
            for sha256, why, withdrawn in session.execute(rows):
                if why == "" or sha256 in given:
                    given[sha256] = not withdrawn
            return sum(given.values()) + (session.scalar(again) or 0)


def _act(row: _Row) -> Act:
    _, action, before, after, why = row
    told = json.loads(after)
    if action in _FLAGS:
        return FlagAct(
            told["frame_id"], told["sha256"], told["flag"], told["note"], bool(told["raised"]), why
        )
    earlier = json.loads(before) if before else None
    return LabelAct(told["frame_id"], told["sha256"], _entry(earlier), _entry(told), why)


def _entry(told: Mapping[str, Any] | None) -> LabelEntry | None:
    if told is None or told["withdrawn"]:
        return None
    grade = None if told["expansion"] is None else Grade(told["expansion"], told["icm"], told["te"])
    return LabelEntry(grade, told["reason"], told["note"], told["view"])
