"""Labels: append-only rows; the newest row of a grader for an image's content counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, distinct, func, select, update
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import Label, LabelEntry, Turn, Turned, says_the_same
from blasto_annotator.store.assignments import assigned
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.indexing import batches
from blasto_annotator.store.models import EmbryoRecord, FrameRecord, LabelRecord
from blasto_annotator.store.payloads import payload
from blasto_annotator.store.times import now_utc

_SHA256_LENGTH = 64
_HASHES_AT_ONCE = 5000


class Labels:
    """What graders said of frames."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record(
        self,
        frame_id: int,
        sha256: str,
        grader: str,
        entry: LabelEntry,
        why: str = "",
        moment: datetime | None = None,
    ) -> Label:
        """Stores an entry and returns it after the commit.

        `moment` is when it was entered. A second call with the same moment stores nothing more: so a save
        whose answer was lost with the connection may be tried again.

        Raises:
            UserError: nothing was saved; the sentence says why.
        """
        return self.record_many([(frame_id, sha256, entry)], grader, why, moment)[0]

    def withdraw(
        self, frame_id: int, sha256: str, grader: str, why: str = "undo", moment: datetime | None = None
    ) -> Label:
        """Adds a row that takes the grader's label of this image back."""
        return self.record_many([(frame_id, sha256, None)], grader, why, moment)[0]

    def record_many(
        self,
        rows: Sequence[tuple[int, str, LabelEntry | None]],
        grader: str,
        why: str,
        moment: datetime | None = None,
    ) -> list[Label]:
        """Stores (frame id, sha256, entry) rows at once or not at all; without an entry a label is withdrawn.

        Raises:
            UserError: nothing was saved; the sentence says why.
        """
        time_utc = moment or now_utc()
        with self._db.writing() as session:
            made = [row_of(*row[:2], grader, row[2], why, time_utc) for row in rows]
            stored = [] if moment is None else _stored_already(session, made)
            return [label_of_record(row) for row in stored] or append_rows(session, made)

    def turn(self, turns: Sequence[Turn], grader: str, why: str, moment: datetime) -> Turned:
        """Undo or redo, at once or not at all: `why` says which.

        An image of which something else was said since, such as by an import or at another seat, keeps that.
        A second call with the same moment stores nothing more.

        Raises:
            UserError: nothing was saved; the sentence says why.
        """
        with self._db.writing() as session:
            newest = _newest(session, [turn.sha256 for turn in turns], grader)
            overtaken = tuple(_overtaken(newest.get(turn.sha256), turn, moment) for turn in turns)
            new = [
                row_of(turn.frame_id, turn.sha256, grader, turn.after, why, moment)
                for turn, late in zip(turns, overtaken, strict=True)
                if not late and not _is_of(newest.get(turn.sha256), moment)
            ]
            written = {label.sha256: label for label in append_rows(session, new)}
            return Turned(tuple(written.get(t.sha256) or newest.get(t.sha256) for t in turns), overtaken)

    def import_many(
        self, rows: Sequence[tuple[int, str, LabelEntry]], grader: str, why: str = "import", who: str = ""
    ) -> int:
        """Stores (frame id, sha256, entry) rows at once or not at all; equal current labels are skipped.

        `who` imports them, where that is not the grader; the audit trail names both. Returns the number of
        labels stored.
        """
        with self._db.writing() as session:
            known = {label.sha256: label.entry for label in _labels(session, _current(_by(grader)))}
            moment, new = now_utc(), []
            for frame_id, sha256, entry in rows:
                if not says_the_same(known.get(sha256), entry):
                    new.append(row_of(frame_id, sha256, grader, entry, why, moment))
                    known[sha256] = entry
            return len(append_rows(session, new, "label.import", who))

    def current(self, grader: str | None = None) -> list[Label]:
        """The newest label of each image and grader that is not withdrawn, oldest first."""
        with self._db.reading() as session:
            return _labels(session, _current(*([] if grader is None else [_by(grader)])))

    def current_of(self, sha256: str, grader: str) -> Label | None:
        """The grader's current label of the image with this content."""
        with self._db.reading() as session:
            found = _labels(session, _current(_by(grader), LabelRecord.sha256 == sha256))
            return found[0] if found else None

    def of_embryo(self, embryo_id: int, grader: str) -> dict[int, Label]:
        """Frame id -> the grader's current label, for the embryo's frames."""
        seen = (FrameRecord.embryo_id == embryo_id, FrameRecord.sha256.is_not(None))
        hashes = select(FrameRecord.sha256).where(*seen)
        # The sum keeps SQLite from going through all of the embryo again: the hashes lead to the few.
        pairs = select(FrameRecord.id, FrameRecord.sha256).where(FrameRecord.embryo_id + 0 == embryo_id)
        with self._db.reading() as session:
            labels = _labels(session, _current(_by(grader), LabelRecord.sha256.in_(hashes)))
            said = {label.sha256: label for label in labels}
            found: dict[int, Label] = {}
            for some in batches(said, _HASHES_AT_ONCE):
                frames = session.execute(pairs.where(FrameRecord.sha256.in_(some)))
                found |= {row.id: said[row.sha256] for row in frames}
        return found

    def history(self, sha256: str, grader: str | None = None) -> list[Label]:
        """Every row about the image, withdrawals included, oldest first."""
        query = select(LabelRecord).where(LabelRecord.sha256 == sha256).order_by(LabelRecord.id)
        if grader is not None:
            query = query.where(_by(grader))
        with self._db.reading() as session:
            return _labels(session, query)

    def graders(self) -> list[str]:
        """Everybody who ever labelled, by name."""
        with self._db.reading() as session:
            return sorted(session.scalars(select(LabelRecord.grader).distinct()))

    def progress(self, grader: str) -> tuple[int, int]:
        """(moments with a current label by the grader, moments) of this grader's queue.

        Planes of one moment count once.
        """
        queue = assigned(grader)
        with self._db.reading() as session:
            dealt = session.scalar(queue.limit(1)) is not None
            done = labelled_moments(grader).subquery()
            labelled = select(func.coalesce(func.sum(done.c.moments), 0))
            moments = select(func.coalesce(func.sum(EmbryoRecord.moments), 0))
            if dealt:
                labelled = labelled.where(done.c.embryo_id.in_(queue))
                moments = moments.where(EmbryoRecord.id.in_(queue))
            return int(session.scalar(labelled) or 0), int(session.scalar(moments) or 0)


def current_ids(*conditions: ColumnElement[bool]) -> Select[int]:
    """Ids of the newest rows per image and grader, withdrawals included."""
    newest = select(func.max(LabelRecord.id)).where(*conditions)
    return newest.group_by(LabelRecord.grader, LabelRecord.sha256)


def current_hashes(grader: str | None, *conditions: ColumnElement[bool]) -> Select[str]:
    """Hashes of the images that carry a current label of the grader, or of anybody."""
    conditions = conditions if grader is None else (_by(grader), *conditions)
    current = LabelRecord.id.in_(current_ids(*conditions))
    return select(LabelRecord.sha256).where(current, LabelRecord.withdrawn.is_(False))


def labelled_moments(grader: str) -> Select[int, int]:
    """(embryo id, moments with a current label by the grader), for embryos that have one."""
    moments = func.count(distinct(FrameRecord.moment)).label("moments")
    query = select(FrameRecord.embryo_id, moments).where(FrameRecord.sha256.in_(current_hashes(grader)))
    return query.group_by(FrameRecord.embryo_id)


def _by(grader: str) -> ColumnElement[bool]:
    return LabelRecord.grader == grader


def _current(*conditions: ColumnElement[bool]) -> Select[LabelRecord]:
    query = select(LabelRecord).where(LabelRecord.id.in_(current_ids(*conditions)))
    return query.where(LabelRecord.withdrawn.is_(False)).order_by(LabelRecord.id)


def append_rows(
    session: Session, rows: Sequence[LabelRecord], action: str = "", who: str = ""
) -> list[Label]:
    """Adds one grader's rows and an audit row each; the action is `label` or `label.withdraw` by itself."""
    if not rows:
        return []
    before = _before(session, rows)
    session.add_all(rows)
    session.flush()
    _name_content(session, rows)
    acts = []
    for row, earlier in zip(rows, before, strict=True):
        old = None if earlier is None else payload(earlier)
        said = action or ("label.withdraw" if row.withdrawn else "label")
        why = row.why if who in ("", row.grader) else f"{row.why} for {row.grader}"
        acts.append(Act(who or row.grader, said, f"frame:{row.frame_id}", old, payload(row), why))
    append_acts(session, acts)
    return [label_of_record(row) for row in rows]


def _name_content(session: Session, rows: Sequence[LabelRecord]) -> None:
    """A frame that was never hashed takes the hash of what the grader saw."""
    frame = FrameRecord.__table__.c.id == bindparam("frame")
    change = update(FrameRecord).where(frame, FrameRecord.sha256.is_(None)).values(sha256=bindparam("hash"))
    values = [{"frame": row.frame_id, "hash": row.sha256} for row in rows]
    session.connection().execute(change, values)


def _stored_already(session: Session, rows: Sequence[LabelRecord]) -> list[LabelRecord]:
    """The same rows from an earlier call, where there are any; they were stored together or not at all."""
    stored: list[LabelRecord] = []
    for row in rows:
        same = (_by(row.grader), LabelRecord.sha256 == row.sha256, LabelRecord.time_utc == row.time_utc)
        stored += session.scalars(select(LabelRecord).where(*same).order_by(LabelRecord.id)).all()
    return stored if len(stored) == len(rows) else []


def _before(session: Session, rows: Sequence[LabelRecord]) -> list[LabelRecord | None]:
    """The current row that each of one grader's `rows` replaces."""
    conditions = [_by(rows[0].grader)]
    if len(rows) == 1:
        conditions.append(LabelRecord.sha256 == rows[0].sha256)
    current = {record.sha256: record for record in session.scalars(_current(*conditions))}
    replaced: list[LabelRecord | None] = []
    for row in rows:
        replaced.append(current.get(row.sha256))
        current[row.sha256] = row
    return replaced


def row_of(
    frame_id: int, sha256: str, grader: str, entry: LabelEntry | None, why: str, moment: datetime
) -> LabelRecord:
    """A row to store; without an entry it withdraws the label.

    Raises:
        UserError: nobody is named as grader.
    """
    if not grader.strip():
        raise UserError(
            "Nobody is named as grader, so the label was not saved: say who grades, then try again."
        )
    if len(sha256) != _SHA256_LENGTH:
        raise ValueError(f"{sha256!r} is no SHA-256: a label belongs to the content that the grader saw")
    grade = entry.grade if entry else None
    return LabelRecord(
        frame_id=frame_id,
        sha256=sha256,
        grader=grader,
        withdrawn=entry is None,
        expansion=grade.expansion if grade else None,
        icm=grade.icm if grade else None,
        te=grade.te if grade else None,
        reason=entry.reason if entry else "",
        note=entry.note if entry else "",
        view=dict(entry.view) if entry else {},
        time_utc=moment,
        why=why,
    )


def _newest(session: Session, hashes: Sequence[str], grader: str) -> dict[str, Label]:
    """Image's content to the grader's newest row of it, withdrawals included."""
    found: dict[str, Label] = {}
    for some in batches(hashes, _HASHES_AT_ONCE):
        newest = current_ids(_by(grader), LabelRecord.sha256.in_(some))
        rows = _labels(session, select(LabelRecord).where(LabelRecord.id.in_(newest)))
        found |= {label.sha256: label for label in rows}
    return found


def _overtaken(newest: Label | None, turn: Turn, moment: datetime) -> bool:
    """Whether the image says neither what this turn is to change nor what it is to bring."""
    stands = newest.entry if newest is not None else None
    known = says_the_same(stands, turn.before) or says_the_same(stands, turn.after)
    return not known and not _is_of(newest, moment)


def _is_of(label: Label | None, moment: datetime) -> bool:
    """Whether an earlier call stored it, whose answer was lost."""
    return label is not None and label.time_utc == moment


def _labels(session: Session, query: Select[LabelRecord]) -> list[Label]:
    return [label_of_record(record) for record in session.scalars(query)]


def label_of_record(record: LabelRecord) -> Label:
    """The row as the other rooms see it."""
    return Label(
        id=record.id,
        frame_id=record.frame_id,
        sha256=record.sha256,
        grader=record.grader,
        entry=None if record.withdrawn else entry_of(record),
        time_utc=record.time_utc,
        why=record.why,
    )


def entry_of(record: LabelRecord) -> LabelEntry:
    """What a row that withdraws nothing says."""
    grade = None if record.expansion is None else Grade(record.expansion, record.icm, record.te)
    return LabelEntry(grade, record.reason, record.note, record.view)
