"""Frames and embryos: reading them. `indexing` writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import EmbryoRow, Frame, ImportedFrame, Source
from blasto_annotator.store import indexing, sources
from blasto_annotator.store.database import Database
from blasto_annotator.store.labels import current_hashes
from blasto_annotator.store.models import EmbryoRecord, FrameRecord, SourceRecord
from blasto_annotator.store.queue import next_unlabelled
from blasto_annotator.store.sources import KnownFile

_COLUMNS = (
    FrameRecord.id,
    FrameRecord.source_id,
    FrameRecord.embryo_id,
    EmbryoRecord.name,
    FrameRecord.path,
    FrameRecord.plane,
    FrameRecord.time_index,
    FrameRecord.hpi,
    FrameRecord.phase,
    FrameRecord.remark,
    FrameRecord.width,
    FrameRecord.height,
    FrameRecord.sha256,
)
_HASHES_AT_ONCE = 5000
_IDS_AT_ONCE = 5000


class Frames:
    """Sources, embryos and frames of a project."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._roots: dict[int, Path] = {}

    def add_source(
        self, root: Path, layout: str, name: str = "", options: Mapping[str, Any] | None = None
    ) -> Source:
        """The source at `root`, new or known; a known one takes the new layout and options."""
        with self._db.writing() as session:
            record = indexing.add_source(session, self._stored_root(root), layout, name or root.name, options)
            return self._source(record)

    def sources(self) -> list[Source]:
        """Every source, oldest first."""
        with self._db.reading() as session:
            return [self._source(r) for r in session.scalars(select(SourceRecord).order_by(SourceRecord.id))]

    def move_source(self, source_id: int, root: Path, who: str = "", why: str = "") -> Source:
        """The source is read from `root` from now on; look before that the same files are there.

        Raises:
            UserError: another source lies there.
        """
        with self._db.writing() as session:
            return self._source(sources.move(session, source_id, self._stored_root(root), who, why))

    def set_source_options(self, source_id: int, options: Mapping[str, Any], who: str = "") -> Source:
        """Stores other options of a source."""
        with self._db.writing() as session:
            return self._source(sources.set_options(session, source_id, options, who))

    def known_files(self, source_id: int, hashed: int, sized: int) -> tuple[list[KnownFile], list[KnownFile]]:
        """Some of a source's files with a content hash, and some without; the same ones each time."""
        with self._db.reading() as session:
            return sources.known_files(session, source_id, hashed, sized)

    def add(
        self,
        source: Source,
        frames: Iterable[ImportedFrame],
        who: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> tuple[int, int]:
        """Indexes frames in batches of their own transactions; returns (added, already known).

        A known path takes its new metadata. `progress` gets the number of frames handled so far.
        """
        intake = indexing.Intake(source, who, new=not self._has_frames(source))
        added = known = 0
        for batch in indexing.batches(frames):
            new, old = self._add(intake, batch)
            added, known = added + new, known + old
            if progress is not None:
                progress(added + known)
        return added, known

    def count(self) -> int:
        """Number of frames."""
        with self._db.reading() as session:
            return session.scalar(select(func.coalesce(func.sum(EmbryoRecord.frames), 0))) or 0

    def embryos(
        self, search: str = "", grader: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[EmbryoRow]:
        """Embryos whose name or couple contains `search`, in the natural order of their names."""
        query = _embryo_query(grader).where(EmbryoRecord.frames > 0)
        if search:
            query = query.where(EmbryoRecord.search_key.contains(search.casefold(), autoescape=True))
        query = query.order_by(EmbryoRecord.sort_key, EmbryoRecord.id).limit(limit).offset(offset or None)
        with self._db.reading() as session:
            return [EmbryoRow(*row) for row in session.execute(query)]

    def of_embryo(self, embryo_id: int) -> list[Frame]:
        """The embryo's frames by time index, hpi, plane; frames without one come first."""
        query = _frame_query(FrameRecord.embryo_id == embryo_id)
        keys = (FrameRecord.time_index, FrameRecord.hpi, FrameRecord.plane)
        return self._frames(query.order_by(*(key.asc().nulls_first() for key in keys), FrameRecord.path))

    def get(self, frame_id: int) -> Frame:
        """One frame.

        Raises:
            KeyError: there is none with this number.
        """
        found = self._frames(_frame_query(FrameRecord.id == frame_id))
        if not found:
            raise KeyError(frame_id)
        return found[0]

    def many(self, frame_ids: Iterable[int]) -> dict[int, Frame]:
        """Those of the frames that the project has, by their number."""
        found: dict[int, Frame] = {}
        for batch in indexing.batches(frame_ids, _IDS_AT_ONCE):
            found |= {frame.id: frame for frame in self._frames(_frame_query(FrameRecord.id.in_(batch)))}
        return found

    def file(self, frame: Frame) -> Path:
        """Where the frame's image lies; does not look whether it is there."""
        if frame.source_id not in self._roots:
            self.sources()
        return self._roots[frame.source_id] / frame.path

    def ensure_hash(self, frame_id: int) -> str:
        """The content hash of the frame's file, read again where the file changed since it was stored.

        Raises:
            UserError: the file is missing or cannot be read.
        """
        found = self.ensure_hashes([self.get(frame_id)])[frame_id]
        if isinstance(found, UserError):
            raise found
        return found

    def ensure_hashes(self, frames: Iterable[Frame]) -> dict[int, str | UserError]:
        """Frame id -> content hash as `ensure_hash` gives it, or why its file cannot be read."""
        found: dict[int, str | UserError] = {}
        for batch in indexing.batches(frames, _HASHES_AT_ONCE):
            stored, news = self._stored_hashes(batch), []
            for frame in batch:
                try:
                    sha256, size, modified_ns = _read_hash(self.file(frame), stored[frame.id])
                except UserError as error:
                    found[frame.id] = error
                    continue
                found[frame.id] = sha256
                if (sha256, size, modified_ns) != tuple(stored[frame.id])[1:]:
                    news.append({"frame": frame.id, "hash": sha256, "bytes": size, "time": modified_ns})
            if news and not self._db.location.read_only:
                self._store_hashes(news)
        return found

    def set_hashes(self, pairs: Iterable[tuple[int, str]]) -> None:
        """Stores (frame id, sha256) pairs that a background pass computed; a project only read keeps none."""
        if self._db.location.read_only:
            return
        table = FrameRecord.__table__
        change = update(FrameRecord).where(table.c.id == bindparam("frame")).values(sha256=bindparam("hash"))
        for batch in indexing.batches(pairs, _HASHES_AT_ONCE):
            with self._db.writing() as session:
                values = [{"frame": frame_id, "hash": sha256} for frame_id, sha256 in batch]
                session.connection().execute(change, values)

    def by_sha256(self, sha256: str) -> list[Frame]:
        """Frames with this content."""
        return self.by_hashes([sha256]).get(sha256, [])

    def by_hashes(self, hashes: Iterable[str]) -> dict[str, list[Frame]]:
        """Content hash -> frames with this content, of those hashes that some frame has."""
        found: dict[str, list[Frame]] = {}
        for batch in indexing.batches(hashes, _IDS_AT_ONCE):
            for frame in self._frames(_frame_query(FrameRecord.sha256.in_(batch)).order_by(FrameRecord.id)):
                found.setdefault(str(frame.sha256), []).append(frame)
        return found

    def at_paths(self, paths: Iterable[str], source_id: int) -> dict[str, Frame]:
        """Path -> frame of a source, for those paths that it has."""
        found: dict[str, Frame] = {}
        own = FrameRecord.source_id == source_id
        for batch in indexing.batches(paths, _IDS_AT_ONCE):
            frames = self._frames(_frame_query(own & FrameRecord.path.in_(batch)))
            found |= {frame.path: frame for frame in frames}
        return found

    def by_path(self, path: str, source_id: int | None = None) -> list[Frame]:
        """Frames with this path relative to their source (forward slashes)."""
        query = _frame_query(FrameRecord.path == path).order_by(FrameRecord.id)
        if source_id is None:
            # The index is on (source, path): naming the sources lets it be used.
            query = query.where(FrameRecord.source_id.in_([source.id for source in self.sources()]))
        else:
            query = query.where(FrameRecord.source_id == source_id)
        return self._frames(query)

    def paths(self, source_id: int | None = None) -> Iterator[tuple[int, str]]:
        """(frame id, path) of every frame, of one source or of all, in the order of their ids."""
        query = select(FrameRecord.id, FrameRecord.path).order_by(FrameRecord.id)
        if source_id is not None:
            query = query.where(FrameRecord.source_id == source_id)
        with self._db.reading() as session:
            rows = session.execute(query.execution_options(yield_per=10_000))
            yield from ((frame_id, path) for frame_id, path in rows)

    def unlabelled(self, grader: str, after_frame_id: int | None = None) -> int | None:
        """A frame of the next moment without a label by `grader`: after the given frame, then from the start.

        Order: embryos by name, moments by time; of the moment's planes the one nearest the middle.
        None when every moment has a label.
        """
        with self._db.reading() as session:
            return next_unlabelled(session, grader, after_frame_id)

    def _stored_hashes(self, frames: Sequence[Frame]) -> dict[int, Row[int, str | None, int, int]]:
        columns = (FrameRecord.id, FrameRecord.sha256, FrameRecord.size, FrameRecord.modified_ns)
        query = select(*columns).where(FrameRecord.id.in_([frame.id for frame in frames]))
        with self._db.reading() as session:
            return {row.id: row for row in session.execute(query)}

    def _store_hashes(self, values: list[dict[str, Any]]) -> None:
        now: dict[str, Any] = {
            "sha256": bindparam("hash"),
            "size": bindparam("bytes"),
            "modified_ns": bindparam("time"),
        }
        change = update(FrameRecord).where(FrameRecord.__table__.c.id == bindparam("frame")).values(**now)
        with self._db.writing() as session:
            session.connection().execute(change, values)

    def _has_frames(self, source: Source) -> bool:
        own = select(FrameRecord.id).where(FrameRecord.source_id == source.id).limit(1)
        with self._db.reading() as session:
            return session.scalar(own) is not None

    def _add(self, intake: indexing.Intake, batch: list[ImportedFrame]) -> tuple[int, int]:
        try:
            with self._db.writing() as session:
                return intake.add(session, batch)
        except IntegrityError:
            if not intake.new:
                raise
        intake.look_up()
        with self._db.writing() as session:
            return intake.add(session, batch)

    def _frames(self, query: Select[*tuple[Any, ...]]) -> list[Frame]:
        """By the connection itself: the session would take as long again over an embryo's thousands."""
        with self._db.reading() as session:
            return list(map(Frame._make, session.connection().execute(query).all()))

    def _source(self, record: SourceRecord) -> Source:
        root = (self._db.folder / record.root).resolve()
        self._roots[record.id] = root
        return Source(record.id, record.name, root, record.layout, record.options)

    def _stored_root(self, root: Path) -> str:
        """Relative where the source lies inside the project, so that the project may move."""
        project, resolved = self._db.folder.resolve(), root.resolve()
        if resolved.is_relative_to(project):
            return resolved.relative_to(project).as_posix()
        return str(resolved)


def _frame_query(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).join(EmbryoRecord, FrameRecord.embryo_id == EmbryoRecord.id).where(condition)


def _embryo_query(grader: str | None) -> Select[*tuple[Any, ...]]:
    labelled = (
        select(FrameRecord.embryo_id, func.count().label("frames"))
        .where(FrameRecord.sha256.in_(current_hashes(grader)))
        .group_by(FrameRecord.embryo_id)
        .subquery()
    )
    return select(
        EmbryoRecord.id,
        EmbryoRecord.source_id,
        EmbryoRecord.name,
        EmbryoRecord.couple,
        EmbryoRecord.frames,
        EmbryoRecord.moments,
        func.coalesce(labelled.c.frames, 0),
    ).outerjoin(labelled, labelled.c.embryo_id == EmbryoRecord.id)


def _read_hash(path: Path, known: Row[int, str | None, int, int]) -> tuple[str, int, int]:
    """(sha256, size, modification time) of the file, reading it only where it changed or was never read."""
    try:
        status = path.stat()
        if known.sha256 and (known.size, known.modified_ns) == (status.st_size, status.st_mtime_ns):
            return known.sha256, known.size, known.modified_ns
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): check that its disk is connected and the file "
            "is there."
        ) from error
    return digest, status.st_size, status.st_mtime_ns
