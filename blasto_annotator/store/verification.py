"""Does the audit trail hold, and do the stored rows still say what it says they said?"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from blasto_annotator.domain.audit import AuditRow, canonical, follows
from blasto_annotator.store.models import (
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
    FlagRecord,
    ReviewRecord,
    PromotionRecord,
)
"""Tables each of whose rows one audit row tells of."""


def first_untrue(session: Session, rows: Iterable[AuditRow]) -> AuditRow | None:
    """The first row that breaks the chain or tells of a stored row that differs; None where all holds."""
    stored = _stored(session)
    previous: AuditRow | None = None
    for row in rows:
        if not follows(row, previous) or not _tells_the_truth(row, stored):
            return row
        previous = row
    return next((_unrecorded(name, text) for name, text in stored.items()), None)


def _stored(session: Session) -> dict[str, str]:
    """Row name -> canonical payload, of every row that the trail should tell of."""
    found: dict[str, str] = {}
    for table in RECORDED:
        query = select(table).execution_options(yield_per=1000)
        found.update((row_name(record), canonical(payload(record))) for record in session.scalars(query))
    return found


def _tells_the_truth(row: AuditRow, stored: dict[str, str]) -> bool:
    """Takes the row that `row` tells of out of `stored`."""
    told = json.loads(row.after) if row.after else {}
    if ROW not in told:
        return True
    return stored.pop(str(told[ROW]), None) == row.after


def _unrecorded(name: str, text: str) -> AuditRow:
    return AuditRow(0, "", "", "unrecorded", name, "", text, "no audit row tells of it", "", "", "")
