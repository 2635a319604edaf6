"""From a frame to the next moment that has a frame which fits, through embryos in the order of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from blasto_annotator.store.models import EmbryoRecord, FrameRecord

_CHUNKS = (1, 4, 16, 60, 240, 1000)
"""Embryos that are looked into at once: the next one mostly has a frame that fits, else few may."""
_Conditions = Sequence[ColumnElement[bool]]
_Fitting = tuple[str, list[tuple[int, int]]]
"""A moment, and (frame, plane) of its frames that fit."""


@dataclass(frozen=True)
class Way:
    """Where to go from, and how."""

    embryos: Sequence[int]
    """In the order of the list."""
    here: int | None
    """The frame to go from; None, or one whose embryo is not listed: from the list's end."""
    forward: bool = True
    inclusive: bool = False
    """Whether the moment of `here` will do, too."""
    around: bool = False
    """Whether to go on at the list's other end."""
    plane: int = 0
    """Of the moment's frames that fit the one nearest to this plane."""


def next_fitting(session: Session, way: Way, conditions: _Conditions) -> int | None:
    """The frame to go to; None where no further moment has one that fits."""
    here = None if way.here is None else session.get(FrameRecord, way.here)
    listed = list(way.embryos) if way.forward else list(reversed(way.embryos))
    at = listed.index(here.embryo_id) if here is not None and here.embryo_id in listed else None
    if here is None or at is None:
        return _first(_in_embryos(session, listed, way, conditions), way)
    ahead, behind = _around(session, here, way, conditions)
    found = _first(ahead, way) or _first(_in_embryos(session, listed[at + 1 :], way, conditions), way)
    if found is None and way.around:
        found = _first(_in_embryos(session, listed[:at], way, conditions), way) or _first(behind, way)
    return found


def _around(
    session: Session, here: FrameRecord, way: Way, conditions: _Conditions
) -> tuple[list[_Fitting], list[_Fitting]]:
    """The moments of the embryo that fit: (those ahead, the others), in the way's direction."""
    places = {name: place for place, (name, _) in enumerate(_moments(session, here.embryo_id, way, ()))}
    fitting = _moments(session, here.embryo_id, way, conditions)
    first = places[here.moment] + (0 if way.inclusive else 1)
    ahead = [each for each in fitting if places[each[0]] >= first]
    return ahead, [each for each in fitting if places[each[0]] < first]


def _in_embryos(
    session: Session, embryo_ids: Sequence[int], way: Way, conditions: _Conditions
) -> Iterator[_Fitting]:
    for chunk in _chunks(embryo_ids):
        fits = exists(select(FrameRecord.id).where(FrameRecord.embryo_id == EmbryoRecord.id, *conditions))
        found = set(session.scalars(select(EmbryoRecord.id).where(EmbryoRecord.id.in_(chunk), fits)))
        for embryo_id in chunk:
            if embryo_id in found:
                yield from _moments(session, embryo_id, way, conditions)


def _chunks(embryo_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    start = number = 0
    while start < len(embryo_ids):
        size = _CHUNKS[min(number, len(_CHUNKS) - 1)]
        yield embryo_ids[start : start + size]
        start, number = start + size, number + 1


def _moments(session: Session, embryo_id: int, way: Way, conditions: _Conditions) -> list[_Fitting]:
    """The embryo's moments with frames that fit, in the way's direction."""
    keys = (FrameRecord.time_index.asc().nulls_first(), FrameRecord.hpi.asc().nulls_first())
    query = select(FrameRecord.moment, FrameRecord.id, FrameRecord.plane)
    query = query.where(FrameRecord.embryo_id == embryo_id, *conditions).order_by(*keys, FrameRecord.moment)
    rows = [(str(moment), int(number), int(plane or 0)) for moment, number, plane in session.execute(query)]
    found = [(name, [row[1:] for row in frames]) for name, frames in groupby(rows, key=lambda row: row[0])]
    return found if way.forward else found[::-1]


def _first(moments: Sequence[_Fitting] | Iterator[_Fitting], way: Way) -> int | None:
    for _, frames in moments:
        return min(frames, key=lambda frame: (abs(frame[1] - way.plane), frame[0]))[0]
    return None
