"""A person's newest steps, read back from the audit trail: the one place that holds all of them in order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from blasto_annotator.domain.acts import Act, FlagAct, LabelAct, RepeatAct, Step
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import PLACE, RepeatTask
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import AuditRecord, LabelRecord, RepeatLabelRecord

_LABELS = ("label", "label.withdraw")
_FLAGS = ("flag", "flag.lower")
_REPEAT = "repeat"
KEPT = 1000
"""Steps further back than this many rows cannot be undone one by one any more."""

_Row = tuple[str, str, str, str, str]


class Acts:
    """Labels, flags and second looks as steps that can be undone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def recent(self, who: str, limit: int = KEPT) -> list[Step]:
        """This person's newest steps, oldest first; rows stored at the same moment are one step.

        Of a second look that was given anew the newest answer is a step.
        """
        query = select(
            AuditRecord.time_utc, AuditRecord.action, AuditRecord.before, AuditRecord.after, AuditRecord.why
        )
        own = (AuditRecord.who == who, AuditRecord.action.in_((*_LABELS, *_FLAGS, _REPEAT)))
        query = query.where(*own).order_by(AuditRecord.id.desc()).limit(limit)
        with self._db.reading() as session:
            rows: list[_Row] = [(r[0], r[1], r[2], r[3], r[4]) for r in session.execute(query)]
        moments = groupby(reversed(_undoable(rows)), key=lambda row: row[0])
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


def _undoable(rows: Sequence[_Row]) -> list[_Row]:
    """Rows, newest first, without second looks that were given anew or do not say where they stood in."""
    kept, seen = [], set()
    for row in rows:
        if row[1] == _REPEAT:
            told = json.loads(row[3])
            if PLACE not in told["view"] or told["first_label_id"] in seen:
                continue
            seen.add(told["first_label_id"])
        kept.append(row)
    return kept


def _act(row: _Row) -> Act:
    _, action, before, after, why = row
    told = json.loads(after)
    if action in _FLAGS:
        return FlagAct(
            told["frame_id"], told["sha256"], told["flag"], told["note"], bool(told["raised"]), why
        )
    if action == _REPEAT:
        task = RepeatTask(told["frame_id"], told["sha256"], told["transform"], told["first_label_id"])
        return RepeatAct(told["view"][PLACE], task, _graded(told))
    earlier = json.loads(before) if before else None
    return LabelAct(told["frame_id"], told["sha256"], _entry(earlier), _entry(told), why)


def _entry(told: Mapping[str, Any] | None) -> LabelEntry | None:
    if told is None or told["withdrawn"]:
        return None
    return _graded(told)


def _graded(told: Mapping[str, Any]) -> LabelEntry:
    grade = None if told["expansion"] is None else Grade(told["expansion"], told["icm"], told["te"])
    return LabelEntry(grade, told["reason"], told["note"], told["view"])
