"""Sources after their import: what is known of their files, another place, other options."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.models import FrameRecord, SourceRecord


@dataclass(frozen=True)
class KnownFile:
    """What the project remembers of a frame's file."""

    path: str
    """Below the source's root."""
    size: int
    sha256: str | None


def known_files(
    session: Session, source_id: int, hashed: int, sized: int
) -> tuple[list[KnownFile], list[KnownFile]]:
    """Some files with a content hash, and some without; the same ones each time."""
    chance = random.Random(source_id)  # noqa: S311 (no secret)
    own = FrameRecord.source_id == source_id
    ids = session.scalars(select(FrameRecord.id).where(FrameRecord.sha256.is_not(None), own)).all()
    chosen = sorted(chance.sample(ids, min(len(ids), hashed)))
    with_hash = session.scalars(select(FrameRecord).where(FrameRecord.id.in_(chosen))).all()
    first, last = session.execute(select(func.min(FrameRecord.id), func.max(FrameRecord.id)).where(own)).one()
    without: dict[int, FrameRecord] = {}
    span = range(0) if first is None else range(first, last + 1)
    for start in chance.sample(span, min(len(span), sized)):
        found = session.scalars(_next_unhashed(source_id, start)).first()
        if found is not None:
            without[found.id] = found
    return [_known(record) for record in with_hash], [_known(record) for record in without.values()]


def move(session: Session, source_id: int, root: str, who: str, why: str) -> SourceRecord:
    """Another root for a source.

    Raises:
        UserError: another source lies there.
    """
    record = session.get_one(SourceRecord, source_id)
    other = session.scalars(select(SourceRecord).where(SourceRecord.root == root)).one_or_none()
    if other is not None and other.id != source_id:
        raise UserError(f"{root} is the folder of the source “{other.name}” already; choose another.")
    before, record.root = {"root": record.root}, root
    append_acts(session, [Act(who, "source.locate", f"source:{source_id}", before, {"root": root}, why)])
    return record


def set_options(session: Session, source_id: int, options: Mapping[str, Any], who: str) -> SourceRecord:
    """Other options for a source."""
    record = session.get_one(SourceRecord, source_id)
    if record.options != dict(options):
        before, record.options = {"options": record.options}, dict(options)
        after = {"options": record.options}
        append_acts(session, [Act(who, "source.options", f"source:{source_id}", before, after)])
    return record


def _next_unhashed(source_id: int, start: int) -> Select[FrameRecord]:
    query = select(FrameRecord).where(
        FrameRecord.id >= start, FrameRecord.source_id == source_id, FrameRecord.sha256.is_(None)
    )
    return query.order_by(FrameRecord.id).limit(1)


def _known(record: FrameRecord) -> KnownFile:
    return KnownFile(record.path, record.size, record.sha256)
