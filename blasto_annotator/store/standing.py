"""What the trail last said of rows that may change, and whether they still say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from blasto_annotator.domain.audit import AuditRow, Untrue, canonical, untrue
from blasto_annotator.store.hashes import Told
from blasto_annotator.store.models import (
    AssignmentRecord,
    EmbryoRecord,
    GraderRecord,
    ProjectRecord,
    ReviewItemRecord,
    ReviewSessionRecord,
    SettingRecord,
    SourceRecord,
)
from blasto_annotator.store.payloads import rows_digest
from blasto_annotator.store.pins import mark
from blasto_annotator.store.sums import EMBRYOS, Blocks, add_told, first_difference, stored

_MERGED = frozenset({"project.create", "scheme", "source", "source.locate", "source.options"})
"""Acts that tell some fields of their subject; the others stay as they were."""
_WHOLE = frozenset(
    {"grader.add", "grader.pin", "grader.adjudicates", "grader.open", "grader.close", "repeats.share"}
)
"""Acts that tell everything of their subject."""
_RESTORE = "It was changed outside the application: restore a backup."


class Standing:
    """Gathers what the rows tell, one after the other, and compares it with what is stored."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, Any]] = {}
        self._by: dict[str, AuditRow] = {}
        self._reviews: dict[int, tuple[AuditRow, Mapping[str, Any]]] = {}
        self._dealt: tuple[AuditRow, Mapping[str, Any]] | None = None
        self._revealed: dict[int, AuditRow] = {}
        self._let_pass: set[str] = set()
        self._sums: dict[int, Blocks] = {}
        self._imports: dict[int, AuditRow] = {}
        self.uncovered: set[int] = set()
        """Sources with an import of an older version, which told no sums."""

    def take(self, batch: Sequence[Told]) -> None:
        """The next rows of the trail."""
        for row, said in batch:
            self._take(row, said)

    def first_untrue(self, session: Session) -> AuditRow | None:
        """The first stored row that differs from what was told of it; frames are not looked at."""
        checks = (
            *(self._projects, self._sources, self._graders),
            *(self._settings, self._assignments, self._plans, self._decided),
        )
        return next((found for check in checks for found in check(session)), None)

    def first_untrue_frame(self, session: Session, progress: Callable[[int], None]) -> AuditRow | None:
        """The first embryos of which one, or one of their frames, is not as it was imported."""
        there = stored(session, progress)
        for source in sorted((there.keys() | self._sums.keys()) - self.uncovered):
            block = first_difference(self._sums.get(source, {}), there.get(source, {}))
            if block is not None:
                what = f"Of {_embryos(session, source, block)}, an embryo or a frame"
                return _differs(f"source:{source}", what, "", self._imports.get(source))
        return None

    def _take(self, row: AuditRow, said: Mapping[str, Any]) -> None:
        if row.action in _MERGED or row.action in _WHOLE:
            known = self._said.get(row.subject, {}) if row.action in _MERGED else {}
            self._said[row.subject], self._by[row.subject] = {**known, **said}, row
        elif row.action == "import":
            self._import(row, said)
        elif row.action in ("assign", "assign.clear"):
            self._dealt = row, said
        elif row.action == "review.start" and isinstance(said.get("session"), int):
            self._reviews[said["session"]] = row, said
        elif row.action == "review.reveal":
            self._revealed[_number(row.subject)] = row
        elif row.action == "near_copy.allow":
            self._let_pass.add(said["sha256"])

    def _import(self, row: AuditRow, said: Mapping[str, Any]) -> None:
        number = _number(row.subject)
        sums = said.get("sums")
        self._imports[number] = row
        if isinstance(sums, dict):
            add_told(self._sums.setdefault(number, {}), sums)
        else:
            self.uncovered.add(number)

    def _projects(self, session: Session) -> Iterator[Untrue]:
        record = session.scalars(select(ProjectRecord)).one()
        told = {"name": record.name, "scheme": record.scheme, "sample": record.sample}
        yield from self._compared(f"project:{record.id}", "The project", told)

    def _sources(self, session: Session) -> Iterator[Untrue]:
        records = session.scalars(select(SourceRecord).order_by(SourceRecord.id)).all()
        for r in records:
            told = {"name": r.name, "root": r.root, "layout": r.layout, "options": r.options}
            yield from self._compared(f"source:{r.id}", f"The source “{r.name}”", told)
        yield from self._missing("source:", {f"source:{r.id}" for r in records}, "source")

    def _graders(self, session: Session) -> Iterator[Untrue]:
        records = session.scalars(select(GraderRecord).order_by(GraderRecord.id)).all()
        for r in records:
            told: dict[str, Any] = {"pin": bool(r.pin_hash), "pin_mark": mark(r.pin_hash)}
            told |= {"may_adjudicate": r.may_adjudicate, "active": r.active}
            yield from self._compared(f"grader:{r.name}", f"The account of {r.name}", told)
        yield from self._missing("grader:", {f"grader:{r.name}" for r in records}, "account")

    def _settings(self, session: Session) -> Iterator[Untrue]:
        record = session.get(SettingRecord, "repeats.share")
        if record is not None or "project" in self._said:
            share = None if record is None else _read(record.value)
            yield from self._compared("project", "The share of second looks", {"share": share})

    def _assignments(self, session: Session) -> Iterator[Untrue]:
        record = session.get(SettingRecord, "assignments.plan")
        row, said = self._dealt or (None, {})
        plan = {key: said[key] for key in ("graders", "overlap", "seed") if key in said}
        there = {} if record is None else _read(record.value)
        taken_back = row is None or row.action == "assign.clear"
        if there != plan:
            yield _differs("assignments", "The plan by which embryos are dealt out", "", row)
        some = session.scalar(select(AssignmentRecord.id).limit(1)) is not None
        if (taken_back and some) or ("pairs" in said and said["pairs"] != pairs_digest(session)):
            yield _differs("assignments", "Who has which embryo", "", row)

    def _plans(self, session: Session) -> Iterator[Untrue]:
        """Planned reviews: their readers, seeds and the order of their images."""
        records = session.scalars(select(ReviewSessionRecord).order_by(ReviewSessionRecord.id)).all()
        for record in records:
            row, said = self._reviews.get(record.id, (None, {}))
            there: dict[str, Any] = {"seed": record.seed, "real_share": record.real_share}
            there |= {"mode": record.mode, "plan": record.plan, "session": record.id}
            same = row is not None and all(said[key] == there[key] for key in there.keys() & said.keys())
            same = (
                same
                and row is not None
                and (row.who, row.subject) == (record.reviewer, f"batch:{record.batch}")
            )
            if not same or not _same_items(session, record.id, said):
                yield _differs(f"review_session:{record.id}", f"The planned review {record.id}", "", row)
        for number in self._reviews.keys() - {record.id for record in records}:
            row = self._reviews[number][0]
            yield untrue("removed", row.subject, _gone(f"planned review {number}", row), row)

    def _decided(self, session: Session) -> Iterator[Untrue]:
        """Settings that decide what counts: which reviews take no verdict more, which images may be used."""
        shown = _list(session, "review.revealed")
        for number in sorted(self._revealed.keys() - set(shown)):
            what = f"That the images of review {number} were shown for what they are"
            yield _differs(f"review_session:{number}", what, "", self._revealed[number])
        for sha256 in sorted(set(_list(session, "near_copies.allowed")) - self._let_pass):
            reason = f"The near copy {sha256[:8]} was let pass outside the application: no row of the audit "
            yield untrue("unrecorded", f"image:{sha256}", reason + "trail tells of it. Restore a backup.")

    def _compared(self, subject: str, what: str, there: Mapping[str, Any]) -> Iterator[Untrue]:
        row, said = self._by.get(subject), self._said.get(subject, {})
        if row is None:
            reason = f"{what} was put in outside the application: no row of the audit trail tells of it. "
            yield untrue("unrecorded", subject, reason + "Restore a backup.")
        elif "pin" in said and "pin_mark" not in said and not said["pin"]:
            said = {**said, "pin_mark": ""}
        for key in (key for key in there if key in said and said[key] != there[key]):
            secret = key == "pin_mark"
            words = "the PIN" if secret else f"{key} “{_text(there[key])}” instead of “{_text(said[key])}”"
            yield _differs(subject, what, words, row)

    def _missing(self, kind: str, there: set[str], what: str) -> Iterator[Untrue]:
        for subject in sorted(self._by):
            if subject.startswith(kind) and subject not in there:
                row = self._by[subject]
                yield untrue("removed", subject, _gone(f"{what} {subject.removeprefix(kind)}", row), row)


def pairs_digest(session: Session) -> str:
    """Who has which embryo, as the audit trail keeps it."""
    columns = (AssignmentRecord.grader, AssignmentRecord.embryo_id)
    pairs = sorted((grader, embryo_id) for grader, embryo_id in session.execute(select(*columns)))
    return rows_digest({"grader": grader, "embryo": embryo_id} for grader, embryo_id in pairs)


def _same_items(session: Session, session_id: int, said: Mapping[str, Any]) -> bool:
    """Whether a planned review still shows what it was to show; older plans told only how many."""
    columns = ReviewItemRecord.__table__.columns
    query = select(*columns).where(ReviewItemRecord.session_id == session_id)
    rows = [dict(row) for row in session.execute(query.order_by(ReviewItemRecord.position)).mappings()]
    same = "items" not in said or said["items"] == len(rows)
    return same and ("order" not in said or said["order"] == rows_digest(rows))


def _embryos(session: Session, source_id: int, block: int) -> str:
    """Such as `the embryos E1 to E16 of the source “frames”`."""
    source = session.get(SourceRecord, source_id)
    query = select(EmbryoRecord.name).where(
        EmbryoRecord.id.between(block * EMBRYOS, block * EMBRYOS + EMBRYOS - 1),
        EmbryoRecord.source_id == source_id,
    )
    names = session.scalars(query.order_by(EmbryoRecord.sort_key, EmbryoRecord.id)).all()
    said = f"embryos {names[0]} to {names[-1]}" if len(names) > 1 else f"embryo {''.join(names)}"
    return f"the {said} of the source “{source.name if source is not None else source_id}”"


def _differs(subject: str, what: str, words: str, row: AuditRow | None) -> Untrue:
    told = "what the audit trail says" if row is None else f"what row {row.id:,} of the audit trail says"
    detail = f" ({words})" if words else ""
    return untrue("altered", subject, f"{what} is not as {told}{detail}. {_RESTORE}", row)


def _gone(what: str, row: AuditRow) -> str:
    return f"The {what}, of which row {row.id:,} of the audit trail tells, is missing. {_RESTORE}"


def _number(subject: str) -> int:
    number = subject.partition(":")[2]
    return int(number) if number.isdecimal() else 0


def _list(session: Session, key: str) -> list[Any]:
    """A setting that is a list; empty where there is none."""
    record = session.get(SettingRecord, key)
    found = [] if record is None else _read(record.value)
    return found if isinstance(found, list) else []


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical({"": value})[4:-1]
