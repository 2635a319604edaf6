"""Bringing sources and frames into the database, thousands at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, distinct, func, insert, select, update
from sqlalchemy.orm import Session

from blasto_annotator.domain.frames import ImportedFrame, Source
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.models import EmbryoRecord, FrameRecord, SourceRecord
from blasto_annotator.store.summaries import summarise
from blasto_annotator.store.sums import COLUMNS, Sums
from blasto_annotator.store.tallies import Tally
from blasto_annotator.store.times import now_utc

BATCH = 5000
"""Rows a transaction; below SQLite's limit of 32,766 bound values in one statement."""

_COMPARED = (
    *("embryo_id", "moment", "plane", "time_index", "hpi", "phase", "remark"),
    *("size", "modified_ns", "width", "height"),
)
_INSERTED = ("source_id", "path", *_COMPARED)
_summed_values = itemgetter(*(_COMPARED.index(name) for name in COLUMNS[1:]))
_Values = tuple[Any, ...]
_T = TypeVar("_T")


def batches(items: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """The items in lists of `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def natural_key(name: str) -> str:
    """A key whose byte order is the natural order: `AA83-7` before `AA83-10`, whatever the case."""
    return re.sub(r"\d+", lambda match: match[0].zfill(20), name.casefold())


def moment_key(frame: ImportedFrame) -> str:
    """What the planes of one moment share: the time index, else the hpi, else nothing.

    A frame that has neither a time nor a plane is a moment of its own.
    """
    if frame.index is not None:
        return f"i{frame.index}"
    if frame.hpi is not None:
        return f"h{frame.hpi!r}"
    return "" if frame.plane is not None else f"p{frame.path}"


def add_source(
    session: Session, root: str, layout: str, name: str, options: Mapping[str, Any] | None
) -> SourceRecord:
    """The source stored under `root`, new or brought up to date."""
    record = session.scalars(select(SourceRecord).where(SourceRecord.root == root)).one_or_none()
    chosen = {"layout": layout, "options": dict(options or {})}
    if record is None:
        record = SourceRecord(root=root, name=name, created_utc=now_utc(), **chosen)
        session.add(record)
        before = None
    elif (record.layout, record.options) == (layout, chosen["options"]):
        return record
    else:
        before = {"layout": record.layout, "options": record.options}
        record.layout, record.options = layout, dict(options or {})
    session.flush()
    after = {"name": record.name, "root": root, **chosen}
    append_acts(session, [Act("", "source", f"source:{record.id}", before, after)])
    return record


class Intake:
    """Adds the frames of one import, batch by batch, each in a transaction of its own."""

    def __init__(self, source: Source, who: str, *, new: bool) -> None:
        """`new`: the source has no frames, so that none of these need be looked up."""
        self.source = source
        self.new = new
        self._who = who
        self._tallies: dict[int, Tally] = {}

    def add(self, session: Session, batch: Sequence[ImportedFrame]) -> tuple[int, int]:
        """Adds the new frames of one batch and updates the known; returns (added, known).

        Raises:
            IntegrityError: a frame of a new source is there after all: `look_up`, and add the batch again.
        """
        unique = {frame.path: frame for frame in batch}
        sums = Sums(self.source.id)
        embryos = _embryos(session, self.source.id, unique.values(), sums)
        known = {} if self.new else _known(session, self.source.id, list(unique))
        added, changed = [], []
        for path, frame in unique.items():
            values = _values(embryos[frame.embryo].id, frame)
            stored = known.get(path)
            if stored is None:
                added.append((self.source.id, path, *values))
                sums.frame(_summed(path, values))
            elif values != stored[1:]:
                changed.append((stored, values))
                sums.frame(_summed(path, stored[1:]), -1)
                sums.frame(_summed(path, values))
        _insert(session.connection(), added)
        _change(session.connection(), changed)
        self._count(session, {row.id: row for row in embryos.values()}, added, changed)
        told = sums.told()
        if added or changed or told:
            after = {"source": self.source.name, "added": len(added), "changed": len(changed), "sums": told}
            append_acts(session, [Act(self._who, "import", f"source:{self.source.id}", None, after)])
        return len(added), len(batch) - len(added)

    def look_up(self) -> None:
        """Somebody else adds to the source, or a path came twice: from now on every frame is looked up."""
        self.new = False
        self._tallies.clear()

    def _count(
        self,
        session: Session,
        before: Mapping[int, Row[*tuple[Any, ...]]],
        added: Sequence[_Values],
        changed: Sequence[tuple[_Values, _Values]],
    ) -> None:
        """Brings counts and summaries up to date: from the tallies where they hold, else from the frames."""
        moved = {row[1] for row, _ in changed} | {values[0] for _, values in changed}
        touched = {row[2] for row in added}
        tallies = {key: self._tallies.get(key) or Tally() for key in touched - moved}
        sure = {key: t for key, t in tallies.items() if t.is_all_of(before[key].frames, before[key].summary)}
        for _, _, embryo_id, moment, plane, number, hpi, phase, remark, *_ in added:
            if embryo_id in sure:
                sure[embryo_id].take(moment, plane, number, hpi, phase, remark)
        _store(session.connection(), sure)
        _count_again(session, (touched | moved) - sure.keys())
        self._tallies = sure


def _embryos(
    session: Session, source_id: int, frames: Iterable[ImportedFrame], sums: Sums
) -> dict[str, Row[*tuple[Any, ...]]]:
    """The frames' embryos by name, those made that are missing; what changes goes into the sums."""
    couples = {frame.embryo: frame.couple for frame in frames}
    columns = ("name", "id", "couple", "frames", "summary")
    query = select(*(getattr(EmbryoRecord, column) for column in columns)).where(
        EmbryoRecord.source_id == source_id, EmbryoRecord.name.in_(list(couples))
    )
    found = {row.name: row for row in session.execute(query)}
    missing = [_embryo_values(source_id, n, couple) for n, couple in couples.items() if n not in found]
    if missing:
        session.execute(insert(EmbryoRecord), missing)
    for name, row in found.items():
        if row.couple != couples[name]:
            values = _embryo_values(source_id, name, couples[name])
            change = {"couple": values["couple"], "search_key": values["search_key"]}
            session.execute(update(EmbryoRecord).where(EmbryoRecord.id == row.id).values(**change))
            sums.embryo(row.id, name, row.couple, -1)
            sums.embryo(row.id, name, couples[name])
    if not missing:
        return found
    every = {row.name: row for row in session.execute(query)}
    for name in every.keys() - found.keys():
        sums.embryo(every[name].id, name, couples[name])
    return every


def _embryo_values(source_id: int, name: str, couple: str) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "name": name,
        "couple": couple,
        "sort_key": natural_key(name),
        "search_key": f"{name} {couple}".casefold(),
        "frames": 0,
        "moments": 0,
    }


def _known(session: Session, source_id: int, paths: list[str]) -> dict[str, _Values]:
    """Path -> (id, values as `_values` makes them), for the paths that the source has."""
    columns = [FrameRecord.path, FrameRecord.id, *(getattr(FrameRecord, name) for name in _COMPARED)]
    query = select(*columns).where(FrameRecord.source_id == source_id, FrameRecord.path.in_(paths))
    return {path: tuple(values) for path, *values in session.execute(query)}


def _values(embryo_id: int, frame: ImportedFrame) -> _Values:
    """In the order of `_COMPARED`."""
    when = (moment_key(frame), frame.plane, frame.index, frame.hpi)
    file = (frame.size, frame.modified_ns, frame.width, frame.height)
    return (embryo_id, *when, frame.phase, frame.remark, *file)


def _summed(path: str, values: _Values) -> _Values:
    return (path, *_summed_values(values))


def _insert(connection: Connection, rows: Sequence[_Values]) -> None:
    """Hands the rows to the driver itself: naming every value takes SQLAlchemy longer than adding it."""
    if not rows:
        return
    mark = "?" if connection.dialect.positional else "%s"
    names, marks = ", ".join(_INSERTED), ", ".join([mark] * len(_INSERTED))
    connection.exec_driver_sql(f"INSERT INTO frame ({names}) VALUES ({marks})", list(rows))  # noqa: S608


def _change(connection: Connection, changed: Sequence[tuple[_Values, _Values]]) -> None:
    """Stores what is new of known frames; a file that changed on disk loses its stored hash."""
    if not changed:
        return
    table = FrameRecord.__table__
    settings: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _COMPARED}
    change = update(FrameRecord).where(table.c.id == bindparam("frame")).values(**settings)
    names = [f"new_{name}" for name in _COMPARED]
    rows = [{"frame": row[0], **dict(zip(names, values, strict=True))} for row, values in changed]
    connection.execute(change, rows)
    file = slice(_COMPARED.index("size"), _COMPARED.index("modified_ns") + 1)
    stale = [row[0] for row, values in changed if row[1:][file] != values[file]]
    connection.execute(update(FrameRecord).where(table.c.id.in_(stale)).values(sha256=None))


def _store(connection: Connection, tallies: Mapping[int, Tally]) -> None:
    if not tallies:
        return
    settings: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("frames", "moments", "summary")}
    table = EmbryoRecord.__table__
    change = update(EmbryoRecord).where(table.c.id == bindparam("embryo")).values(**settings)
    rows = [
        {"embryo": key, "new_frames": t.frames, "new_moments": t.moments, "new_summary": t.summary()}
        for key, t in tallies.items()
    ]
    connection.execute(change, rows)


def _count_again(session: Session, embryo_ids: set[int]) -> None:
    if not embryo_ids:
        return
    own = FrameRecord.embryo_id == EmbryoRecord.id
    frames = select(func.count()).select_from(FrameRecord).where(own)
    moments = select(func.count(distinct(FrameRecord.moment))).where(own)
    counts = {"frames": frames.scalar_subquery(), "moments": moments.scalar_subquery()}
    change = update(EmbryoRecord).where(EmbryoRecord.id.in_(sorted(embryo_ids))).values(**counts)
    session.execute(change, execution_options={"synchronize_session": False})
    summarise(session, sorted(embryo_ids))
