"""The queue in time order: which moment a grader labels next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from blasto_annotator.store.labels import current_hashes, labelled_moments
from blasto_annotator.store.models import AssignmentRecord, EmbryoRecord, FrameRecord, LabelRecord


def next_unlabelled(session: Session, grader: str, after_frame_id: int | None) -> int | None:
    """A frame of the next moment without a label by `grader`, wrapping; None where all have one."""
    here = None if after_frame_id is None else session.get(FrameRecord, after_frame_id)
    if here is not None and _is_in_queue(session, here.embryo_id, grader):
        later = first_unlabelled(session, here.embryo_id, grader, after=here.moment)
        if later is not None:
            return later
    for embryo_id in unfinished(session, grader, None if here is None else here.embryo_id):
        found = first_unlabelled(session, embryo_id, grader)
        if found is not None:
            return found
    return None


def in_queue(grader: str) -> ColumnElement[bool]:
    """Embryos that were dealt to the grader, or all where none were."""
    own = select(AssignmentRecord.embryo_id).where(AssignmentRecord.grader == grader)
    return or_(~own.exists(), EmbryoRecord.id.in_(own))


def _is_in_queue(session: Session, embryo_id: int, grader: str) -> bool:
    return (
        session.scalar(select(EmbryoRecord.id).where(EmbryoRecord.id == embryo_id, in_queue(grader)))
        is not None
    )


def unfinished(session: Session, grader: str, after: int | None) -> Iterator[int]:
    """Embryos with a moment left, in order: those behind `after`, then from the start."""
    done = labelled_moments(grader).subquery()
    query = select(EmbryoRecord.id, EmbryoRecord.sort_key).outerjoin(
        done, done.c.embryo_id == EmbryoRecord.id
    )
    query = query.where(EmbryoRecord.moments > func.coalesce(done.c.moments, 0), in_queue(grader))
    order = [(row.sort_key, row.id) for row in session.execute(query)]
    start = None if after is None else session.get(EmbryoRecord, after)
    place = ("", -1) if start is None else (start.sort_key, start.id)
    # Behind the place first, then from the start up to and including it.
    order.sort(key=lambda key: (key <= place, key))
    return (embryo_id for _, embryo_id in order)


def first_unlabelled(session: Session, embryo_id: int, grader: str, after: str | None = None) -> int | None:
    """The embryo's first moment without a label (behind the moment `after`), by its middle plane."""
    moments = _moments(session, embryo_id)
    names = [name for name, _ in moments]
    start = names.index(after) + 1 if after in names else 0
    own = FrameRecord.embryo_id == embryo_id
    hashes = current_hashes(grader, LabelRecord.sha256.in_(select(FrameRecord.sha256).where(own)))
    labelled = set(session.scalars(select(FrameRecord.moment).where(own, FrameRecord.sha256.in_(hashes))))
    for name, frames in moments[start:]:
        if name not in labelled:
            return min((abs(row.plane or 0), int(row.id)) for row in frames)[1]
    return None


def _moments(session: Session, embryo_id: int) -> list[tuple[str, list[Row[int, str, int | None]]]]:
    keys = (FrameRecord.time_index, FrameRecord.hpi)
    query = select(FrameRecord.id, FrameRecord.moment, FrameRecord.plane)
    query = query.where(FrameRecord.embryo_id == embryo_id)
    rows = session.execute(query.order_by(*(key.asc().nulls_first() for key in keys), FrameRecord.moment))
    return [(name, list(frames)) for name, frames in groupby(rows, key=lambda row: row.moment)]
