"""What the terms of a typed filter ask of embryos and frames, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from blasto_annotator.domain.grades import NOT_ASSESSED
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.domain.search import EMBRYO_FIELDS, NUMBERS, Term
from blasto_annotator.store.flags import standing_hashes
from blasto_annotator.store.labels import current_ids
from blasto_annotator.store.models import EmbryoRecord, FlagRecord, FrameRecord, LabelRecord, SourceRecord

_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "hpi": FrameRecord.hpi,
    "plane": FrameRecord.plane,
    "frame": FrameRecord.time_index,
    "expansion": LabelRecord.expansion,
}
"""Of fields that are numbers."""


@dataclass(frozen=True)
class Searcher:
    """Who asks, by which groups, and how labels are found."""

    grader: str
    scheme: Scheme
    frame_by_frame: bool = False
    """Each frame's label is looked up by itself: for the few frames on a way. Else all of the searcher's
    labels are gathered once for the query: for a list."""


def embryo_conditions(terms: Sequence[Term]) -> list[ColumnElement[bool]]:
    """What must hold of an embryo."""
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


def frame_conditions(terms: Sequence[Term], asks: Searcher) -> list[ColumnElement[bool]]:
    """What must hold of a frame."""
    return [_turned(term, _of_frame(term, asks)) for term in terms if term.field not in EMBRYO_FIELDS]


def _turned(term: Term, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return ~condition if term.negated else condition


def _of_frame(term: Term, asks: Searcher) -> ColumnElement[bool]:
    if term.field in NUMBERS and term.field != "expansion":
        return _compared(_COLUMNS[term.field], term)
    if term.field == "phase":
        return func.lower(FrameRecord.phase) == term.value.casefold()
    if term.field == "remark":
        return func.lower(FrameRecord.remark).contains(term.value.casefold(), autoescape=True)
    if term.field == "file":
        return FrameRecord.path.icontains(term.value, autoescape=True)
    if term.field == "flag":
        return _flagged(asks.grader, term.value)
    if term.field == "is":
        return _state(term.value.casefold(), asks)
    return _own(asks, _of_label(term, asks.scheme))


def _compared(column: InstrumentedAttribute[Any], term: Term) -> ColumnElement[bool]:
    if term.operator == ":":
        low, high = term.bounds
        known = column.is_not(None)
        return and_(
            known, true() if low is None else column >= low, true() if high is None else column <= high
        )
    operators = {"<": column.__lt__, "<=": column.__le__, ">": column.__gt__, ">=": column.__ge__}
    return and_(column.is_not(None), operators[term.operator](term.number))


def _own(asks: Searcher, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Frames that carry a current label of the searcher for which `condition` holds."""
    return and_(FrameRecord.sha256.is_not(None), _labelled(FrameRecord.sha256, asks, condition))


def _labelled(
    sha256: InstrumentedAttribute[str | None], asks: Searcher, condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Whether the image with this content carries a current label for which `condition` holds."""
    own, stands = LabelRecord.grader == asks.grader, LabelRecord.withdrawn.is_(False)
    if not asks.frame_by_frame:
        current = LabelRecord.id.in_(current_ids(own))
        return sha256.in_(select(LabelRecord.sha256).where(current, stands, condition))
    newest = aliased(LabelRecord)
    same = (newest.grader == asks.grader, newest.sha256 == sha256)
    last = select(func.max(newest.id)).where(*same).correlate_except(newest).scalar_subquery()
    label = select(LabelRecord.id).where(LabelRecord.id == last, stands, condition)
    return label.correlate_except(LabelRecord).exists()


def _flagged(grader: str, name: str) -> ColumnElement[bool]:
    named = FlagRecord.flag.startswith(name.casefold(), autoescape=True) if name else true()
    return and_(FrameRecord.sha256.is_not(None), FrameRecord.sha256.in_(standing_hashes(grader, named)))


def _state(state: str, asks: Searcher) -> ColumnElement[bool]:
    if state == "unlabelled":
        return _unlabelled(asks)
    if state == "flagged":
        return _flagged(asks.grader, "")
    conditions = {
        "labelled": true(),
        "not-gradable": LabelRecord.expansion.is_(None),
        "noted": LabelRecord.note != "",
        "inherited": LabelRecord.why.startswith("inherited"),
    }
    return _own(asks, conditions[state])


def _unlabelled(asks: Searcher) -> ColumnElement[bool]:
    """Frames of a moment none of whose planes carries a label of the searcher."""
    beside = aliased(FrameRecord)
    same = and_(beside.embryo_id == FrameRecord.embryo_id, beside.moment == FrameRecord.moment)
    seen = and_(beside.sha256.is_not(None), _labelled(beside.sha256, asks, true()))
    return ~exists(select(beside.id).where(same, seen))


def _of_label(term: Term, scheme: Scheme) -> ColumnElement[bool]:
    words = term.value.casefold()
    if term.field == "expansion":
        return _compared(_COLUMNS[term.field], term)
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
