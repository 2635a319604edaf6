"""Reviews: planned sessions and append-only verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import (
    Answer,
    ItemKind,
    Mode,
    Realism,
    Review,
    ReviewItem,
    ReviewSession,
    Seen,
    Stroke,
    Verdict,
)
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import ReviewItemRecord, ReviewRecord, ReviewSessionRecord
from blasto_annotator.store.payloads import payload, rows_digest
from blasto_annotator.store.times import now_utc


class Reviews:
    """What experts said of generated images, and of the real ones among them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(
        self,
        batch: str,
        reviewer: str,
        items: Sequence[ReviewItem],
        seed: int,
        real_share: float,
        mode: Mode = Mode.RATE,
        plan: Mapping[str, Any] | None = None,
    ) -> ReviewSession:
        """Stores a planned session with its order."""
        _check_reviewer(reviewer)
        with self._db.writing() as session:
            record = ReviewSessionRecord(
                batch=batch,
                reviewer=reviewer,
                seed=seed,
                real_share=real_share,
                created_utc=now_utc(),
                mode=mode.value,
                plan=dict(plan or {}),
            )
            session.add(record)
            session.flush()
            rows = [_item_values(record.id, item) for item in items]
            if rows:
                session.execute(insert(ReviewItemRecord), rows)
            append_acts(session, [_start_act(record, rows)])
            return _session(session, record)

    def sessions(self, batch: str | None = None) -> list[ReviewSession]:
        """Planned sessions, oldest first."""
        query = select(ReviewSessionRecord).order_by(ReviewSessionRecord.id)
        if batch is not None:
            query = query.where(ReviewSessionRecord.batch == batch)
        with self._db.reading() as session:
            return [_session(session, record) for record in session.scalars(query)]

    def session(self, session_id: int) -> ReviewSession:
        """One planned session.

        Raises:
            UserError: there is none with this number.
        """
        with self._db.reading() as session:
            record = session.get(ReviewSessionRecord, session_id)
            if record is None:
                raise UserError(f"The project has no review session {session_id}.")
            return _session(session, record)

    def record(
        self,
        session_id: int | None,
        batch: str,
        item: ReviewItem,
        reviewer: str,
        verdict: Verdict | None,
        why: str = "",
        seen: Seen = Seen(),  # noqa: B008 (frozen)
        moment: datetime | None = None,
    ) -> Review:
        """Stores a verdict (None withdraws the one before) and returns it after the commit.

        `moment` is when it was given; a second call with the same moment stores nothing more.

        Raises:
            UserError: nothing was saved; the sentence says why.
        """
        _check_reviewer(reviewer)
        with self._db.writing() as session:
            row = _row(session_id, batch, item, reviewer, verdict, why, moment or now_utc(), seen)
            stored = None if moment is None else _stored_already(session, row)
            return _append(session, row) if stored is None else _review(stored)

    def import_many(self, rows: Sequence[tuple[ReviewItem, Verdict]], batch: str, reviewer: str) -> int:
        """Stores verdicts at once or not at all; equal current ones are skipped.

        Returns how many were stored.
        """
        _check_reviewer(reviewer)
        stored, moment = 0, now_utc()
        with self._db.writing() as session:
            for item, verdict in rows:
                current = _current_of(session, _row(None, batch, item, reviewer, verdict, "", moment))
                if current is None or current.withdrawn or _verdict(current) != verdict:
                    _append(session, _row(None, batch, item, reviewer, verdict, "import", moment))
                    stored += 1
        return stored

    def current(self, batch: str | None = None, reviewer: str | None = None) -> list[Review]:
        """The newest rating of each batch, image and reviewer that is not withdrawn, oldest first.

        Repeats, choices and pairs are no ratings: see `answers`.
        """
        conditions: list[ColumnElement[bool]] = [ReviewRecord.role.is_(None)]
        if batch is not None:
            conditions.append(ReviewRecord.batch == batch)
        if reviewer is not None:
            conditions.append(ReviewRecord.reviewer == reviewer)
        with self._db.reading() as session:
            return _reviews(session, conditions, ("batch", "reviewer", "sha256"))

    def answers(self, batch: str | None = None) -> list[Review]:
        """The newest row of each item that repeats, chooses or compares, unless withdrawn; oldest first."""
        conditions: list[ColumnElement[bool]] = [ReviewRecord.role.is_not(None)]
        if batch is not None:
            conditions.append(ReviewRecord.batch == batch)
        with self._db.reading() as session:
            return _reviews(session, conditions, ("session_id", "position"))

    def of_session(self, session_id: int) -> dict[int, Review]:
        """Position -> current verdict given in this session."""
        ids = _newest([ReviewRecord.session_id == session_id], ("position",))
        query = select(ReviewRecord).where(ReviewRecord.id.in_(ids), ReviewRecord.withdrawn.is_(False))
        with self._db.reading() as session:
            found = session.scalars(query.order_by(ReviewRecord.position))
            return {record.position: _review(record) for record in found}


def _check_reviewer(reviewer: str) -> None:
    if not reviewer.strip():
        raise UserError("Nobody is named as reviewer, so nothing was saved: say who reviews, then try again.")


def _newest(conditions: Sequence[ColumnElement[bool]], keys: Sequence[str]) -> Select[int]:
    grouped = [getattr(ReviewRecord, key) for key in keys]
    return select(func.max(ReviewRecord.id)).where(*conditions).group_by(*grouped)


def _reviews(
    session: Session, conditions: Sequence[ColumnElement[bool]], keys: Sequence[str]
) -> list[Review]:
    query = select(ReviewRecord).where(ReviewRecord.id.in_(_newest(conditions, keys)))
    found = session.scalars(query.where(ReviewRecord.withdrawn.is_(False)).order_by(ReviewRecord.id))
    return [_review(record) for record in found]


def _current_of(session: Session, row: ReviewRecord) -> ReviewRecord | None:
    """The newest row that `row` replaces, a withdrawal too."""
    query = select(ReviewRecord).where(
        ReviewRecord.batch == row.batch,
        ReviewRecord.reviewer == row.reviewer,
        ReviewRecord.sha256 == row.sha256,
    )
    if row.role is None:
        query = query.where(ReviewRecord.role.is_(None))
    else:
        place = (ReviewRecord.session_id == row.session_id, ReviewRecord.position == row.position)
        query = query.where(*place)
    return session.scalars(query.order_by(ReviewRecord.id.desc()).limit(1)).first()


def _stored_already(session: Session, row: ReviewRecord) -> ReviewRecord | None:
    """The same row from an earlier call whose answer was lost with the connection."""
    keys = ("batch", "reviewer", "session_id", "position", "sha256", "time_utc")
    same = [getattr(ReviewRecord, key) == getattr(row, key) for key in keys]
    return session.scalars(select(ReviewRecord).where(*same).order_by(ReviewRecord.id)).first()


def _start_act(record: ReviewSessionRecord, items: Sequence[Mapping[str, object]]) -> Act:
    plan: dict[str, Any] = {"session": record.id, "seed": record.seed, "real_share": record.real_share}
    plan |= {"items": len(items), "order": rows_digest(sorted(items, key=_position))}
    plan |= {"mode": record.mode, "plan": record.plan}
    return Act(record.reviewer, "review.start", f"batch:{record.batch}", None, plan)


def _position(item: Mapping[str, object]) -> int:
    return int(str(item["position"]))


def _append(session: Session, row: ReviewRecord) -> Review:
    earlier = _current_of(session, row)
    before = payload(earlier) if earlier is not None and not earlier.withdrawn else None
    session.add(row)
    session.flush()
    action = "review.withdraw" if row.withdrawn else "review"
    act = Act(row.reviewer, action, f"batch:{row.batch}/{row.image}", before, payload(row), row.why)
    append_acts(session, [act])
    return _review(row)


def _row(
    session_id: int | None,
    batch: str,
    item: ReviewItem,
    reviewer: str,
    verdict: Verdict | None,
    why: str,
    moment: datetime,
    seen: Seen = Seen(),  # noqa: B008 (frozen)
) -> ReviewRecord:
    realism = verdict.realism if verdict else None
    answer = verdict.answer if verdict else None
    strokes = verdict.strokes if verdict else ()
    return ReviewRecord(
        **_image_values(item),
        position=item.position,
        session_id=session_id,
        batch=batch,
        reviewer=reviewer,
        withdrawn=verdict is None,
        realism=realism.value if realism else None,
        wrong_class=bool(verdict and verdict.wrong_class),
        defects=list(verdict.defects) if verdict else [],
        looks_like=verdict.looks_like if verdict else "",
        note=verdict.note if verdict else "",
        time_utc=moment,
        why=why,
        role=item.role or None,
        answer=answer.value if answer else None,
        marks=[asdict(stroke) for stroke in strokes] or None,
        seconds=seen.seconds,
        view=dict(seen.view) or None,
    )


def _image_values(item: ReviewItem) -> dict[str, object]:
    return {
        "kind": item.kind.value,
        "sha256": item.sha256,
        "class_name": item.class_name,
        "image": item.image,
        "frame_id": item.frame_id,
    }


def _item_values(session_id: int, item: ReviewItem) -> dict[str, object]:
    place = {"session_id": session_id, "position": item.position}
    return {**place, **_image_values(item), "role": item.role, "batch": item.batch, "partner": item.partner}


def _session(session: Session, record: ReviewSessionRecord) -> ReviewSession:
    query = select(ReviewItemRecord).where(ReviewItemRecord.session_id == record.id)
    items = tuple(_item(row) for row in session.scalars(query.order_by(ReviewItemRecord.position)))
    return ReviewSession(
        id=record.id,
        batch=record.batch,
        reviewer=record.reviewer,
        seed=record.seed,
        real_share=record.real_share,
        created_utc=record.created_utc,
        items=items,
        mode=Mode(record.mode),
        plan=record.plan,
    )


def _item(row: ReviewItemRecord) -> ReviewItem:
    return ReviewItem(
        position=row.position,
        kind=ItemKind(row.kind),
        sha256=row.sha256,
        class_name=row.class_name,
        image=row.image,
        frame_id=row.frame_id,
        role=row.role,
        batch=row.batch,
        partner=row.partner,
    )


def _review(record: ReviewRecord) -> Review:
    return Review(
        id=record.id,
        batch=record.batch,
        session_id=record.session_id,
        reviewer=record.reviewer,
        kind=ItemKind(record.kind),
        sha256=record.sha256,
        class_name=record.class_name,
        image=record.image,
        verdict=None if record.withdrawn else _verdict(record),
        time_utc=record.time_utc,
        why=record.why,
        role=record.role or "",
        seen=Seen(record.seconds, record.view or {}),
    )


def _verdict(record: ReviewRecord) -> Verdict:
    return Verdict(
        realism=Realism(record.realism) if record.realism else None,
        wrong_class=record.wrong_class,
        defects=tuple(record.defects),
        looks_like=record.looks_like,
        note=record.note,
        answer=Answer(record.answer) if record.answer else None,
        strokes=tuple(_stroke(mark) for mark in record.marks or ()),
    )


def _stroke(mark: Mapping[str, Any]) -> Stroke:
    return Stroke(mark["defect"], mark["width"], tuple((x, y) for x, y in mark["points"]))
