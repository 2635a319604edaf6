"""What an embryo's frames span: phases with their hours, planes, remarks, numbers. Kept beside the embryo.

A filter over millions of frames looks at these few thousand rows first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Column, Integer, MetaData, Select, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from blasto_annotator.domain.search import Term
from blasto_annotator.store.models import FrameRecord

SUMMARISED = ("hpi", "phase", "plane", "remark", "frame")
"""Fields of a filter that a summary answers."""
_EMBRYO = Table("embryo", MetaData(), Column("id", Integer, primary_key=True), Column("summary", JSON))
_AT_ONCE = 200
_READ_BEFORE = 8192
"""Summaries that are kept as they were read: a filter is typed letter by letter."""


def summarise_all(session: Session) -> None:
    """Summarises every embryo."""
    ids = list(session.scalars(select(_EMBRYO.c.id).order_by(_EMBRYO.c.id)))
    for start in range(0, len(ids), _AT_ONCE):
        summarise(session, ids[start : start + _AT_ONCE])


def summarise(session: Session, embryo_ids: Sequence[int]) -> None:
    """Reads the frames of these embryos and stores what they span."""
    if not embryo_ids:
        return
    found: dict[int, dict[str, Any]] = {
        number: {"spans": [], "planes": [], "remarks": [], "numbers": [None, None]} for number in embryo_ids
    }
    for embryo_id, phase, first, last in session.execute(_spans(embryo_ids)):
        found[embryo_id]["spans"].append([phase, first, last])
    for embryo_id, first, last in session.execute(_numbers(embryo_ids)):
        found[embryo_id]["numbers"] = [first, last]
    for column, name in ((FrameRecord.plane, "planes"), (FrameRecord.remark, "remarks")):
        own = FrameRecord.embryo_id.in_(embryo_ids)
        for embryo_id, value in session.execute(select(FrameRecord.embryo_id, column).where(own).distinct()):
            found[embryo_id][name].append(value)
    change = update(_EMBRYO).where(_EMBRYO.c.id == bindparam("embryo")).values(summary=bindparam("said"))
    session.connection().execute(change, [{"embryo": key, "said": said} for key, said in found.items()])


@lru_cache(maxsize=_READ_BEFORE)
def read(text: str | None) -> Mapping[str, Any] | None:
    """A stored summary; None for an embryo without one."""
    return None if text is None else json.loads(text)


def may_hold(summary: Mapping[str, Any] | None, terms: Iterable[Term]) -> bool:
    """Whether an embryo may have a frame that fits all of the terms, by what its frames span."""
    if summary is None:
        return True
    asked = list(terms)
    planes = [t for t in asked if t.field == "plane"]
    remarks = [t for t in asked if t.field == "remark"]
    timed = [t for t in asked if t.field in ("hpi", "phase")]
    first, last = summary.get("numbers", (0, 0))
    numbered = [t for t in asked if t.field == "frame"] if "numbers" in summary else []
    return all(_fits(first, last, term) for term in numbered) and (
        any(all(_span_fits(span, term) for term in timed) for span in summary["spans"])
        and any(all(_fits(plane, plane, term) for term in planes) for plane in summary["planes"])
        and any(all(_says(remark, term) for term in remarks) for remark in summary["remarks"])
    )


def answers(summary: Mapping[str, Any] | None, terms: Sequence[Term]) -> bool:
    """Whether it tells of all that the terms ask; one that an earlier version kept tells no numbers."""
    if summary is None:
        return not terms
    return "numbers" in summary or all(term.field != "frame" for term in terms)


def share(summary: Mapping[str, Any] | None, terms: Iterable[Term]) -> float:
    """Which part of an embryo's moments fits the terms, from 0 to 1, as if they came at even intervals.

    0 where that cannot be told: no summary, no hours, or a remark or number that not every frame has.
    """
    asked = [term for term in terms if term.field != "plane"]
    if not asked:
        return 1.0
    if summary is None or any(term.field in ("remark", "frame") for term in asked):
        return 0.0
    hours = [hour for _, *ends in summary["spans"] for hour in ends]
    if not hours or None in hours or max(hours) <= min(hours):
        return 0.0
    fitting = sum(_fitting_hours(span, asked) for span in summary["spans"])
    return min(fitting / float(max(hours) - min(hours)), 1.0)


def _fitting_hours(span: Sequence[Any], terms: Sequence[Term]) -> float:
    """Hours of a span that fit; 0 where a term asks for what lies outside of two hours."""
    _, low, high = span
    for term in terms:
        if term.field == "phase":
            if not _span_fits(span, term):
                return 0.0
            continue
        if term.negated:
            return 0.0
        first, last, _ = _bounds(term)
        low = low if first is None else max(low, first)
        high = high if last is None else min(high, last)
    return max(float(high - low), 0.0)


def _spans(embryo_ids: Sequence[int]) -> Select[int, str, float | None, float | None]:
    spans = (func.min(FrameRecord.hpi), func.max(FrameRecord.hpi))
    query = select(FrameRecord.embryo_id, FrameRecord.phase, *spans)
    own = FrameRecord.embryo_id.in_(embryo_ids)
    return query.where(own).group_by(FrameRecord.embryo_id, FrameRecord.phase)


def _numbers(embryo_ids: Sequence[int]) -> Select[int, int | None, int | None]:
    ends = (func.min(FrameRecord.time_index), func.max(FrameRecord.time_index))
    query = select(FrameRecord.embryo_id, *ends).where(FrameRecord.embryo_id.in_(embryo_ids))
    return query.group_by(FrameRecord.embryo_id)


def _span_fits(span: Sequence[Any], term: Term) -> bool:
    phase, first, last = span
    if term.field == "phase":
        return (str(phase).casefold() == term.value.casefold()) != term.negated
    return _fits(first, last, term)


def _says(remark: str, term: Term) -> bool:
    return (term.value.casefold() in remark.casefold()) != term.negated


def _fits(first: float | None, last: float | None, term: Term) -> bool:
    """Whether some value between the two fits."""
    if first is None or last is None:
        return term.negated
    low, high, closed = _bounds(term)
    if term.negated:
        below = low is not None and (first < low or (not closed and first == low))
        above = high is not None and (last > high or (not closed and last == high))
        return below or above
    over = low is None or last > low or (closed and last == low)
    under = high is None or first < high or (closed and first == high)
    return over and under


@lru_cache(maxsize=64)
def _bounds(term: Term) -> tuple[float | None, float | None, bool]:
    """(lowest, highest, whether they themselves fit)."""
    if term.operator == ":":
        return *term.bounds, True
    closed = term.operator.endswith("=")
    return (term.number, None, closed) if term.operator[0] == ">" else (None, term.number, closed)
