"""Typed filters over millions of frames: which embryos have a frame that fits, and which frames those are.

Whatever a filter says of grades, notes and reasons it says of the searcher's own labels: nobody finds out by
searching what a colleague said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.frames import EmbryoRow
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.domain.search import EMBRYO_FIELDS, Term, parse_search
from blasto_annotator.store.conditions import Searcher, embryo_conditions, frame_conditions
from blasto_annotator.store.database import Database
from blasto_annotator.store.flags import Flags
from blasto_annotator.store.indexing import batches
from blasto_annotator.store.labels import labelled_moments
from blasto_annotator.store.models import (
    AssignmentRecord,
    EmbryoRecord,
    FrameRecord,
    SourceRecord,
)
from blasto_annotator.store.stepping import Way, next_fitting
from blasto_annotator.store.summaries import SUMMARISED, answers, may_hold, read, share

_SAMPLED_EMBRYOS = 40
"""So many embryos are asked for the phases and planes that completion offers."""
_FILTERED_AT_ONCE = 100
_LOOKED_INTO = 60
"""Where no more embryos are left, their frames are looked at; over more, what their frames span decides."""
_EMBRYOS_AT_ONCE = 5000
"""The searcher's labels are gathered once for each query: few queries, since there may be many labels."""
_PATHS_AT_ONCE = 50_000
"""Frames whose paths are read in one query: then it is asked whether the search is still wanted."""


def fitting(session: Session, frames: Iterable[int], text: str, grader: str, scheme: Scheme) -> Iterator[int]:
    """Those of the frames that fit, in their order, looked at as they are asked for.

    Raises:
        UserError: the filter cannot be read.
    """
    terms = parse_search(text)
    asks = Searcher(grader, scheme, frame_by_frame=True)
    conditions = [*embryo_conditions(terms), *frame_conditions(terms, asks)]
    for some in batches(frames, _FILTERED_AT_ONCE):
        query = select(FrameRecord.id).join(EmbryoRecord, EmbryoRecord.id == FrameRecord.embryo_id)
        found = set(session.scalars(query.where(FrameRecord.id.in_(some), *conditions)))
        yield from (frame for frame in some if frame in found)


class Searching:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def embryos(
        self,
        text: str,
        grader: str,
        scheme: Scheme,
        *,
        assigned: bool = False,
        wanted: Callable[[], bool] = lambda: True,
    ) -> list[EmbryoRow]:
        """Embryos with at least one frame that fits, in the natural order of their names.

        `assigned` leaves out those that are not assigned to the grader. A long search ends early, with what
        it has, once it is no longer `wanted`.

        Raises:
            UserError: the filter cannot be read; the sentence says why.
        """
        terms = parse_search(text)
        seen = [term for term in terms if term.field in SUMMARISED]
        others = [term for term in terms if term.field not in SUMMARISED and term.field not in EMBRYO_FIELDS]
        query = _rows(grader).where(EmbryoRecord.frames > 0, *embryo_conditions(terms))
        if assigned:
            own = select(AssignmentRecord.embryo_id).where(AssignmentRecord.grader == grader)
            query = query.where(EmbryoRecord.id.in_(own))
        conditions = frame_conditions(terms, Searcher(grader, scheme))
        if _by_label(terms):
            query, seen = query.where(_has_frame(conditions, by_label=True)), []
        with self._db.reading() as session:
            found = session.execute(query)
            rows = [(EmbryoRow(*row[:-1]), read(row[-1])) for row in found]
            rows = [row for row in rows if may_hold(row[1], seen)]
            doubtful = set() if _by_label(terms) else _doubtful(rows, seen, others)
            sizes = _PATHS_AT_ONCE if _by_path(terms) else None
            return _looked_at(session, [row for row, _ in rows], doubtful, conditions, sizes, wanted)

    def frames(self, embryo_id: int, text: str, grader: str, scheme: Scheme) -> set[int]:
        """Ids of the embryo's frames that fit."""
        conditions = _one_by_one(text, grader, scheme)
        query = select(FrameRecord.id).where(FrameRecord.embryo_id == embryo_id, *conditions)
        with self._db.reading() as session:
            return set(session.scalars(query))

    def following(self, way: Way, text: str, grader: str, scheme: Scheme) -> int | None:
        """The frame of the next moment on this way that fits; None where there is none.

        What the filter says of embryos is taken as said by the way, which names them.

        Raises:
            UserError: the filter cannot be read.
        """
        conditions = _one_by_one(text, grader, scheme)
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
    rows: Sequence[tuple[EmbryoRow, Mapping[str, Any] | None]], seen: Sequence[Term], others: Sequence[Term]
) -> set[int]:
    """Embryos whose frames must be looked at: what is kept beside them does not settle it.

    `others` are terms that no summary answers: a part of the path, or the absence of a label. Embryos without
    any label fulfil that, and so do those that have far fewer labels than moments in question.
    """
    if _by_path(others) or (len(rows) <= _LOOKED_INTO and not others):
        return {row.id for row, _ in rows}
    unknown = {row.id for row, summary in rows if not answers(summary, seen)}
    if not others:
        return unknown
    labelled = [(row, summary) for row, summary in rows if row.labelled > 0]
    few = {row.id for row, summary in labelled if row.moments * share(summary, seen) < _many(row.labelled)}
    return unknown | few


def _many(labelled: int) -> int:
    """Moments of which some are surely left, when so many are labelled."""
    return 2 * labelled + 2


def _looked_at(
    session: Session,
    rows: list[EmbryoRow],
    doubtful: set[int],
    conditions: Sequence[ColumnElement[bool]],
    frames_at_once: int | None,
    wanted: Callable[[], bool],
) -> list[EmbryoRow]:
    """The rows without those doubtful ones that have no frame that fits."""
    if not conditions or not doubtful:
        return rows
    kept: set[int] = set()
    for some in _portions([row for row in rows if row.id in doubtful], frames_at_once):
        if not wanted():
            break
        fitting = _has_frame(conditions, by_label=False)
        kept |= set(session.scalars(select(EmbryoRecord.id).where(EmbryoRecord.id.in_(some), fitting)))
    return [row for row in rows if row.id not in doubtful or row.id in kept]


def _portions(rows: Iterable[EmbryoRow], frames_at_once: int | None) -> Iterator[list[int]]:
    """The rows' ids, so many at once that a query is answered in time."""
    some: list[int] = []
    frames = 0
    for row in rows:
        some.append(row.id)
        frames += row.frames
        if len(some) >= _EMBRYOS_AT_ONCE or (frames_at_once is not None and frames >= frames_at_once):
            yield some
            some, frames = [], 0
    if some:
        yield some


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


def _by_path(terms: Sequence[Term]) -> bool:
    """Whether a term asks for a part of the path, which nothing is kept of beside the frames."""
    return any(term.field == "file" for term in terms)


def _one_by_one(text: str, grader: str, scheme: Scheme) -> list[ColumnElement[bool]]:
    """What must hold of frames that are looked at one after the other."""
    return frame_conditions(parse_search(text), Searcher(grader, scheme, frame_by_frame=True))
