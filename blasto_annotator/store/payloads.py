"""Stored rows as plain values: what the audit trail keeps of them and is checked against."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from blasto_annotator.domain.audit import canonical
from blasto_annotator.store.models import Base

ADDED: dict[str, frozenset[str]] = {
    "review": frozenset({"role", "answer", "marks", "view", "seconds"}),
}
"""Table -> columns that came after rows were told of; left out where NULL, so that older rows still hold."""
ROW = "row"
"""Key under which a payload names its row, such as `label:12`."""


def row_name(record: Base) -> str:
    """Such as `label:12`."""
    return f"{record.__tablename__}:{getattr(record, 'id')}"  # noqa: B009


def payload(record: Base) -> dict[str, Any]:
    """Every column of the row, and the row's name."""
    added = ADDED.get(record.__tablename__, frozenset())
    values = {column.key: getattr(record, column.key) for column in record.__table__.columns}
    told = {key: _plain(v) for key, v in values.items() if key != "id" and not (key in added and v is None)}
    return {ROW: row_name(record), **told}


def rows_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over rows in their order: how the trail keeps many rows that one act stored."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(canonical(row).encode() + b"\n")
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
