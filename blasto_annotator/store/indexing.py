"""Bringing sources and frames into the database, thousands at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import bindparam, distinct, func, insert, select, update
from sqlalchemy.orm import Session

from blasto_annotator.domain.frames import ImportedFrame, Source
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.models import EmbryoRecord, FrameRecord, SourceRecord
from blasto_annotator.store.summaries import summarise
from blasto_annotator.store.times import now_utc

BATCH = 5000
"""Rows a transaction; below SQLite's limit of 32,766 bound values in one statement."""

_COMPARED = (
    *("embryo_id", "moment", "plane", "time_index", "hpi", "phase", "remark"),
    *("size", "modified_ns", "width", "height"),
)
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


def add_batch(session: Session, source: Source, batch: Sequence[ImportedFrame], who: str) -> tuple[int, int]:
    """Adds the new frames of one batch and updates the known; returns (added, known)."""
    unique = {frame.path: frame for frame in batch}
    embryos = _embryo_ids(session, source.id, unique.values())
    known = _known(session, source.id, list(unique))
    new, changed, touched = [], [], set()
    for path, frame in unique.items():
        values = _values(source.id, embryos[frame.embryo], frame)
        if path not in known:
            new.append(values)
            touched.add(values["embryo_id"])
        elif _differs(values, known[path]):
            changed.append(_update(values, known[path]))
            touched.update((values["embryo_id"], known[path]["embryo_id"]))
    _write(session, new, changed)
    _count_again(session, touched)
    if new or changed:
        after = {"source": source.name, "added": len(new), "changed": len(changed)}
        append_acts(session, [Act(who, "import", f"source:{source.id}", None, after)])
    return len(new), len(batch) - len(new)


def _embryo_ids(session: Session, source_id: int, frames: Iterable[ImportedFrame]) -> dict[str, int]:
    couples = {frame.embryo: frame.couple for frame in frames}
    query = select(EmbryoRecord.name, EmbryoRecord.id, EmbryoRecord.couple).where(
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
    return {row.name: row.id for row in session.execute(query)}


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


def _known(session: Session, source_id: int, paths: list[str]) -> dict[str, Mapping[str, Any]]:
    columns = [FrameRecord.id, FrameRecord.path, *(getattr(FrameRecord, name) for name in _COMPARED)]
    query = select(*columns).where(FrameRecord.source_id == source_id, FrameRecord.path.in_(paths))
    return {row["path"]: dict(row) for row in session.execute(query).mappings()}


def _values(source_id: int, embryo_id: int, frame: ImportedFrame) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "embryo_id": embryo_id,
        "path": frame.path,
        "moment": moment_key(frame),
        "plane": frame.plane,
        "time_index": frame.index,
        "hpi": frame.hpi,
        "phase": frame.phase,
        "remark": frame.remark,
        "size": frame.size,
        "modified_ns": frame.modified_ns,
        "width": frame.width,
        "height": frame.height,
    }


def _differs(values: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    return any(values[name] != stored[name] for name in _COMPARED)


def _update(values: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Bound values of the update; a file that changed on disk loses its stored hash."""
    same = all(values[name] == stored[name] for name in ("size", "modified_ns"))
    return {"frame": stored["id"], "same": same, **{f"new_{name}": values[name] for name in _COMPARED}}


def _write(session: Session, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    connection = session.connection()
    if new:
        connection.execute(insert(FrameRecord), new)
    if not changed:
        return
    table = FrameRecord.__table__
    settings: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _COMPARED}
    change = update(FrameRecord).where(table.c.id == bindparam("frame")).values(**settings)
    kept = [{k: v for k, v in row.items() if k != "same"} for row in changed]
    connection.execute(change, kept)
    stale = [row["frame"] for row in changed if not row["same"]]
    connection.execute(update(FrameRecord).where(table.c.id.in_(stale)).values(sha256=None))


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
