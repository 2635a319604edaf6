"""Silent repeats: which image a grader sees again, and what was said then. Never counted as labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import (
    DEFAULT_SHARE,
    GAP_LABELS,
    GAP_TIME,
    PLACE,
    RepeatLabel,
    RepeatPair,
    RepeatTask,
    checked_share,
    chosen,
    is_slot,
    turn,
)
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.labels import label_of_record
from blasto_annotator.store.models import (
    FrameRecord,
    LabelRecord,
    ProjectRecord,
    RepeatLabelRecord,
    SettingRecord,
)
from blasto_annotator.store.payloads import payload
from blasto_annotator.store.rights import check_administers
from blasto_annotator.store.times import now_utc

SETTING = "repeats.share"
_LOOKED_BACK = 200
"""So many of the newest labels are looked at for a repeat that is owed; older ones are forgiven."""
_CANDIDATES = 64
"""The image is chosen among so many, which start at a place that a hash chooses."""


class Repeats:
    """Agreement of graders with themselves."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def share(self) -> float:
        """The share of labels that a repeat follows; 0 where repeats are off."""
        with self._db.reading() as session:
            return _share(session)

    def set_share(self, share: float, who: str) -> None:
        """Sets the share.

        Raises:
            UserError: it is not between 0 and one half, or `who` may not (`rights`).
        """
        with self._db.writing() as session:
            check_administers(session, who)
            before = {"share": _share(session)}
            session.merge(SettingRecord(key=SETTING, value=repr(checked_share(share))))
            append_acts(session, [Act(who, "repeats.share", "project", before, {"share": share})])

    def due(self, grader: str) -> RepeatTask | None:
        """The image that this grader is to see again now; None where it is not time for one.

        The answer is the same until the grader labels again. Quick: it reads a few hundred rows.
        """
        with self._db.reading() as session:
            share = _share(session)
            newest = _since_last_repeat(session, grader) if share else []
            project_id = session.scalars(select(ProjectRecord.id)).one()
            if not any(is_slot(project_id, label_id, share) for label_id in newest):
                return None
            found = _eligible(session, project_id, grader, newest[0])
            if not found:
                return None
            first = chosen(project_id, newest[0], found)
            return RepeatTask(first.frame_id, first.sha256, turn(project_id, newest[0]), first.id)

    def record(
        self,
        task: RepeatTask,
        grader: str,
        entry: LabelEntry,
        moment: datetime | None = None,
        place: int | None = None,
    ) -> RepeatLabel:
        """Stores what was said of a repeat and returns it after the commit.

        `place` is the number of the frame that it stood in for; it is kept with what was on screen.
        `moment` is when it was entered; a second call with the same moment stores nothing more.

        Raises:
            UserError: nothing was saved; the sentence says why.
        """
        if not grader.strip():
            raise UserError(
                "Nobody is named as grader, so nothing was saved: say who grades, then try again."
            )
        seen = entry if place is None else replace(entry, view={**entry.view, PLACE: place})
        row = _row(task, grader, seen, moment or now_utc())
        with self._db.writing() as session:
            known = session.scalars(_of(grader, RepeatLabelRecord.time_utc == row.time_utc)).first()
            if known is not None and known.sha256 == row.sha256:
                return _repeat(known)
            session.add(row)
            session.flush()
            append_acts(session, [Act(grader, "repeat", f"frame:{row.frame_id}", None, payload(row))])
            return _repeat(row)

    def pairs(self, grader: str | None = None) -> list[RepeatPair]:
        """First and second look at each repeated image, oldest repeat first.

        A repeat that was taken back and answered again counts as it was answered last.
        """
        newest = select(func.max(RepeatLabelRecord.id)).group_by(
            RepeatLabelRecord.grader, RepeatLabelRecord.first_label_id
        )
        query = select(RepeatLabelRecord, LabelRecord).join(
            LabelRecord, LabelRecord.id == RepeatLabelRecord.first_label_id
        )
        query = query.where(RepeatLabelRecord.id.in_(newest))
        if grader is not None:
            query = query.where(RepeatLabelRecord.grader == grader)
        with self._db.reading() as session:
            rows = session.execute(query.order_by(RepeatLabelRecord.id))
            return [RepeatPair(label_of_record(first), _repeat(again)) for again, first in rows]


def _share(session: Session) -> float:
    record = session.get(SettingRecord, SETTING)
    return DEFAULT_SHARE if record is None else float(record.value)


def _plain(grader: str) -> Select[int]:
    """The labels that this grader typed of images new to him: no corrections, imports or inherited ones."""
    own = (LabelRecord.grader == grader, LabelRecord.why == "", LabelRecord.withdrawn.is_(False))
    return select(LabelRecord.id).where(*own)


def _of(grader: str, *conditions: ColumnElement[bool]) -> Select[RepeatLabelRecord]:
    return select(RepeatLabelRecord).where(RepeatLabelRecord.grader == grader, *conditions)


def _since_last_repeat(session: Session, grader: str) -> list[int]:
    """Numbers of the grader's labels after his last repeat, newest first."""
    last = session.scalars(_of(grader).order_by(RepeatLabelRecord.id.desc()).limit(1)).first()
    query = _plain(grader).order_by(LabelRecord.id.desc()).limit(_LOOKED_BACK)
    if last is not None:
        query = query.where(LabelRecord.time_utc > last.time_utc)
    return list(session.scalars(query))


def _eligible(session: Session, project_id: str, grader: str, newest: int) -> list[LabelRecord]:
    """Current grades given long enough ago, of images that were not repeated and are as they were."""
    bounds = _old_enough(session, grader)
    if bounds is None:
        return []
    oldest, youngest = bounds
    start = chosen(f"{project_id} start", newest, range(oldest, youngest + 1))
    again, later = aliased(RepeatLabelRecord), aliased(LabelRecord)
    repeated = select(again.id).where(again.grader == grader, again.sha256 == LabelRecord.sha256)
    replaced = select(later.id).where(
        later.grader == grader, later.sha256 == LabelRecord.sha256, later.id > LabelRecord.id
    )
    unchanged = select(FrameRecord.id).where(
        FrameRecord.id == LabelRecord.frame_id, FrameRecord.sha256 == LabelRecord.sha256
    )
    query = select(LabelRecord).where(LabelRecord.id.in_(_plain(grader)), LabelRecord.expansion.is_not(None))
    query = query.where(~repeated.exists(), ~replaced.exists(), unchanged.exists()).limit(_CANDIDATES)
    query = query.order_by(LabelRecord.id)
    behind = list(session.scalars(query.where(LabelRecord.id.between(start, youngest))))
    return behind or list(session.scalars(query.where(LabelRecord.id.between(oldest, start))))


def _old_enough(session: Session, grader: str) -> tuple[int, int] | None:
    """Numbers of the oldest label and of the youngest that may come back."""
    by_number = _plain(grader).order_by(LabelRecord.id.desc()).offset(GAP_LABELS).limit(1)
    by_time = _plain(grader).where(LabelRecord.time_utc <= now_utc() - GAP_TIME)
    by_time = by_time.order_by(LabelRecord.id.desc()).limit(1)
    found = [session.scalars(query).first() for query in (by_number, by_time)]
    oldest = session.scalars(_plain(grader).order_by(LabelRecord.id).limit(1)).first()
    old = [number for number in found if number is not None]
    return (oldest, max(old)) if oldest is not None and old else None


def _row(task: RepeatTask, grader: str, entry: LabelEntry, moment: datetime) -> RepeatLabelRecord:
    grade = entry.grade
    return RepeatLabelRecord(
        frame_id=task.frame_id,
        first_label_id=task.first_label_id,
        sha256=task.sha256,
        grader=grader,
        transform=task.transform,
        expansion=grade.expansion if grade else None,
        icm=grade.icm if grade else None,
        te=grade.te if grade else None,
        reason=entry.reason,
        note=entry.note,
        view=dict(entry.view),
        time_utc=moment,
    )


def _repeat(row: RepeatLabelRecord) -> RepeatLabel:
    grade = None if row.expansion is None else Grade(row.expansion, row.icm, row.te)
    entry = LabelEntry(grade, row.reason, row.note, row.view)
    return RepeatLabel(
        row.id, row.frame_id, row.sha256, row.grader, row.transform, row.first_label_id, entry, row.time_utc
    )
