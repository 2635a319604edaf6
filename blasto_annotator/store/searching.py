"""Typed filters over millions of frames: which embryos have a frame that fits, and which frames those are.

Whatever a filter says of grades, notes and reasons it says of the searcher's own labels: nobody finds out by
searching what a colleague said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from blasto_annotator.domain.frames import EmbryoRow
from blasto_annotator.domain.grades import NOT_ASSESSED
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.domain.search import EMBRYO_FIELDS, Term, parse_search
from blasto_annotator.store.database import Database
from blasto_annotator.store.flags import Flags, standing_hashes
from blasto_annotator.store.indexing import batches
from blasto_annotator.store.labels import current_ids, labelled_moments
from blasto_annotator.store.models import (
    AssignmentRecord,
    EmbryoRecord,
    FlagRecord,
    FrameRecord,
    LabelRecord,
    SourceRecord,
)
from blasto_annotator.store.stepping import Way, next_fitting
from blasto_annotator.store.summaries import SUMMARISED, may_hold, read, share

_SAMPLED_EMBRYOS = 40
"""So many embryos are asked for the phases and planes that completion offers."""
_FILTERED_AT_ONCE = 100
_LOOKED_INTO = 60
"""Where no more embryos are left, their frames are looked at; over more, what their frames span decides."""
_EMBRYOS_AT_ONCE = 5000
"""The searcher's labels are gathered once for each query: few queries, since there may be many labels."""


def fitting(session: Session, frames: Iterable[int], text: str, grader: str, scheme: Scheme) -> Iterator[int]:
    """Those of the frames that fit, in their order, looked at as they are asked for.

    Raises:
        UserError: the filter cannot be read.
    """
    terms = parse_search(text)
    conditions = [*_embryo_conditions(terms), *_frame_conditions(terms, grader, scheme)]
    for some in batches(frames, _FILTERED_AT_ONCE):
        query = select(FrameRecord.id).join(EmbryoRecord, EmbryoRecord.id == FrameRecord.embryo_id)
        found = set(session.scalars(query.where(FrameRecord.id.in_(some), *conditions)))
        yield from (frame for frame in some if frame in found)


class Searching:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def embryos(self, text: str, grader: str, scheme: Scheme, *, assigned: bool = False) -> list[EmbryoRow]:
        """Embryos with at least one frame that fits, in the natural order of their names.

        `assigned` leaves out those that are not assigned to the grader.

        Raises:
            UserError: the filter cannot be read; the sentence says why.
        """
        terms = parse_search(text)
        seen = [term for term in terms if term.field in SUMMARISED]
        others = [term for term in terms if term.field not in SUMMARISED and term.field not in EMBRYO_FIELDS]
        query = _rows(grader).where(EmbryoRecord.frames > 0, *_embryo_conditions(terms))
        if assigned:
            own = select(AssignmentRecord.embryo_id).where(AssignmentRecord.grader == grader)
            query = query.where(EmbryoRecord.id.in_(own))
        conditions = _frame_conditions(terms, grader, scheme)
        if _by_label(terms):
            query, seen = query.where(_has_frame(conditions, by_label=True)), []
        with self._db.reading() as session:
            found = session.execute(query)
            rows = [(EmbryoRow(*row[:-1]), read(row[-1])) for row in found]
            rows = [row for row in rows if may_hold(row[1], seen)]
            doubtful = [] if _by_label(terms) else _doubtful(rows, seen, bool(others))
            return _looked_at(session, [row for row, _ in rows], doubtful, conditions)

    def frames(self, embryo_id: int, text: str, grader: str, scheme: Scheme) -> set[int]:
        """Ids of the embryo's frames that fit."""
        conditions = _frame_conditions(parse_search(text), grader, scheme)
        query = select(FrameRecord.id).where(FrameRecord.embryo_id == embryo_id, *conditions)
        with self._db.reading() as session:
            return set(session.scalars(query))

    def following(self, way: Way, text: str, grader: str, scheme: Scheme) -> int | None:
        """The frame of the next moment on this way that fits; None where there is none.

        What the filter says of embryos is taken as said by the way, which names them.

        Raises:
            UserError: the filter cannot be read.
        """
        conditions = _frame_conditions(parse_search(text), grader, scheme)
        with self._db.reading() as session:
            return next_fitting(session, way, conditions)

    def values(self, grader: str, scheme: Scheme) -> dict[str, list[str]]:
        """What completion offers after a field."""
        with self._db.reading() as session:
            some = session.scalars(select(EmbryoRecord.summary).limit(_SAMPLED_EMBRYOS))
            summaries = [summary for summary in some if summary is not None]
            sources = sorted(session.scalars(select(SourceRecord.name)))
        phases = {span[0] for summary in summaries for span in summary["spans"]}
        planes = {plane for summary in summaries for plane in summary["planes"] if plane is not None}
        return {
            "phase": sorted(filter(None, phases)),
            "plane": [str(plane) for plane in sorted(planes)],
            "source": sources,
            "group": [group.name for group in scheme.groups],
            "icm": list(scheme.letters),
            "te": list(scheme.letters),
            "flag": Flags(self._db).names(grader),
        }


def _rows(grader: str) -> Select[*tuple[Any, ...]]:
    done = labelled_moments(grader).subquery()
    query = select(
        EmbryoRecord.id,
        EmbryoRecord.source_id,
        EmbryoRecord.name,
        EmbryoRecord.couple,
        EmbryoRecord.frames,
        EmbryoRecord.moments,
        func.coalesce(done.c.moments, 0),
        cast(EmbryoRecord.summary, Text),
    )
    query = query.outerjoin(done, done.c.embryo_id == EmbryoRecord.id)
    return query.order_by(EmbryoRecord.sort_key, EmbryoRecord.id)


def _doubtful(
    rows: Sequence[tuple[EmbryoRow, Mapping[str, Any] | None]], seen: Sequence[Term], by_absence: bool
) -> list[int]:
    """Embryos whose frames must be looked at: what is kept beside them does not settle it.

    `by_absence`: the filter asks for the absence of a label. Embryos without any label fulfil it, and so do
    those that have far fewer labels than moments in question.
    """
    if not by_absence:
        return [row.id for row, _ in rows] if len(rows) <= _LOOKED_INTO else []
    labelled = [(row, summary) for row, summary in rows if row.labelled > 0]
    return [row.id for row, summary in labelled if row.moments * share(summary, seen) < _many(row.labelled)]


def _many(labelled: int) -> int:
    """Moments of which some are surely left, when so many are labelled."""
    return 2 * labelled + 2


def _looked_at(
    session: Session, rows: list[EmbryoRow], doubtful: list[int], conditions: Sequence[ColumnElement[bool]]
) -> list[EmbryoRow]:
    """The rows without those doubtful ones that have no frame that fits."""
    if not conditions or not doubtful:
        return rows
    kept: set[int] = set()
    for some in batches(doubtful, _EMBRYOS_AT_ONCE):
        fitting = _has_frame(conditions, by_label=False)
        kept |= set(session.scalars(select(EmbryoRecord.id).where(EmbryoRecord.id.in_(some), fitting)))
    left_out = set(doubtful) - kept
    return [row for row in rows if row.id not in left_out]


def _has_frame(conditions: Sequence[ColumnElement[bool]], *, by_label: bool) -> ColumnElement[bool]:
    """A few labelled frames are looked up at once; the rest embryo by embryo, which stops at the first."""
    if by_label:
        return EmbryoRecord.id.in_(select(FrameRecord.embryo_id).where(*conditions))
    return exists(select(FrameRecord.id).where(FrameRecord.embryo_id == EmbryoRecord.id, *conditions))


def _by_label(terms: Sequence[Term]) -> bool:
    """Whether a term narrows the frames to those that carry the searcher's label or a flag."""
    chosen = ("group", "grade", "expansion", "icm", "te", "note", "reason", "flag", "is")
    return any(
        term.field in chosen and not term.negated and term.value.casefold() != "unlabelled" for term in terms
    )


def _embryo_conditions(terms: Sequence[Term]) -> list[ColumnElement[bool]]:
    return [_turned(term, _of_embryo(term)) for term in terms if term.field in EMBRYO_FIELDS]


def _of_embryo(term: Term) -> ColumnElement[bool]:
    words = term.value.casefold()
    if term.field == "source":
        named = select(SourceRecord.id).where(func.lower(SourceRecord.name).contains(words, autoescape=True))
        return EmbryoRecord.source_id.in_(named)
    if term.field == "couple":
        return func.lower(EmbryoRecord.couple).contains(words, autoescape=True)
    if term.field == "embryo":
        return func.lower(EmbryoRecord.name).contains(words, autoescape=True)
    return EmbryoRecord.search_key.contains(words, autoescape=True)


def _frame_conditions(terms: Sequence[Term], grader: str, scheme: Scheme) -> list[ColumnElement[bool]]:
    return [
        _turned(term, _of_frame(term, grader, scheme)) for term in terms if term.field not in EMBRYO_FIELDS
    ]


def _turned(term: Term, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return ~condition if term.negated else condition


def _of_frame(term: Term, grader: str, scheme: Scheme) -> ColumnElement[bool]:
    if term.field in ("hpi", "plane"):
        return _compared(FrameRecord.hpi if term.field == "hpi" else FrameRecord.plane, term)
    if term.field == "phase":
        return func.lower(FrameRecord.phase) == term.value.casefold()
    if term.field == "remark":
        return func.lower(FrameRecord.remark).contains(term.value.casefold(), autoescape=True)
    if term.field == "flag":
        return _flagged(grader, term.value)
    if term.field == "is":
        return _state(term.value.casefold(), grader)
    return _own(grader, _of_label(term, scheme))


def _compared(column: InstrumentedAttribute[Any], term: Term) -> ColumnElement[bool]:
    if term.operator == ":":
        low, high = term.bounds
        known = column.is_not(None)
        return and_(
            known, true() if low is None else column >= low, true() if high is None else column <= high
        )
    operators = {"<": column.__lt__, "<=": column.__le__, ">": column.__gt__, ">=": column.__ge__}
    return and_(column.is_not(None), operators[term.operator](term.number))


def _own(grader: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Frames that carry a current label of the searcher for which `condition` holds."""
    current = LabelRecord.id.in_(current_ids(LabelRecord.grader == grader))
    labels = select(LabelRecord.sha256).where(current, LabelRecord.withdrawn.is_(False), condition)
    return and_(FrameRecord.sha256.is_not(None), FrameRecord.sha256.in_(labels))


def _flagged(grader: str, name: str) -> ColumnElement[bool]:
    named = FlagRecord.flag.startswith(name.casefold(), autoescape=True) if name else true()
    return and_(FrameRecord.sha256.is_not(None), FrameRecord.sha256.in_(standing_hashes(grader, named)))


def _state(state: str, grader: str) -> ColumnElement[bool]:
    if state == "unlabelled":
        return _unlabelled(grader)
    if state == "flagged":
        return _flagged(grader, "")
    conditions = {
        "labelled": true(),
        "not-gradable": LabelRecord.expansion.is_(None),
        "noted": LabelRecord.note != "",
        "inherited": LabelRecord.why.startswith("inherited"),
    }
    return _own(grader, conditions[state])


def _unlabelled(grader: str) -> ColumnElement[bool]:
    """Frames of a moment none of whose planes carries a label of the searcher."""
    beside = aliased(FrameRecord)
    current = LabelRecord.id.in_(current_ids(LabelRecord.grader == grader))
    labels = select(LabelRecord.sha256).where(current, LabelRecord.withdrawn.is_(False))
    same = and_(beside.embryo_id == FrameRecord.embryo_id, beside.moment == FrameRecord.moment)
    return ~exists(select(beside.id).where(same, beside.sha256.in_(labels)))


def _of_label(term: Term, scheme: Scheme) -> ColumnElement[bool]:
    words = term.value.casefold()
    if term.field == "expansion":
        return _compared(LabelRecord.expansion, term)
    if term.field in ("icm", "te"):
        column = LabelRecord.icm if term.field == "icm" else LabelRecord.te
        return func.lower(column) == words
    if term.field in ("note", "reason"):
        text = LabelRecord.note if term.field == "note" else LabelRecord.reason
        return func.lower(text).contains(words, autoescape=True)
    return _grade(term.value) if term.field == "grade" else _group(words, scheme)


def _grade(value: str) -> ColumnElement[bool]:
    """The beginning of a grade: 4, 4A, 4AB or, with a letter that was not assessed, 4?B."""
    columns = (LabelRecord.expansion, LabelRecord.icm, LabelRecord.te)
    parts = value.strip().upper()
    if len(parts) > len(columns) or not parts[:1].isdigit():
        return false()
    wanted = [int(parts[0]), *(None if part == NOT_ASSESSED else part for part in parts[1:])]
    return and_(*(column == part for column, part in zip(columns, wanted, strict=False)))


def _group(name: str, scheme: Scheme) -> ColumnElement[bool]:
    """Grades whose group's name or letter is this one."""
    names = {
        group.name for group in scheme.groups if name in (group.name.casefold(), group.letter.casefold())
    }
    keys = [key for key, group in scheme.grouping.items() if group in names]
    return or_(false(), *(_keyed(key, scheme) for key in keys))


def _keyed(key: str, scheme: Scheme) -> ColumnElement[bool]:
    """Grades that make this key of the scheme; letters that come too early do not count."""
    columns = {"expansion": LabelRecord.expansion, "icm": LabelRecord.icm, "te": LabelRecord.te}
    alone = len(key) < len(scheme.key_fields)  # an expansion that shows no letters
    fields = [columns[field] for field in (("expansion",) if alone else scheme.key_fields)]
    parts = [int(part) if part.isdigit() else part for part in key]
    shown = (
        LabelRecord.expansion < scheme.letters_from if alone else LabelRecord.expansion >= scheme.letters_from
    )
    return and_(shown, *(column == part for column, part in zip(fields, parts, strict=True)))
