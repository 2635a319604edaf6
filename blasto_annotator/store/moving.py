"""Moving a project between its file and a PostgreSQL server: copied whole, checked, and only then switched.

Until the switch the project stays where it was, whatever happens; afterwards the old database is kept as a
backup. No seat can write meanwhile: the old database's write lock is held from the first row to the switch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.audit import tampered_sentence
from blasto_annotator.domain.errors import UnreachableError, UserError
from blasto_annotator.store import migrate
from blasto_annotator.store.audit import Act, append_acts, whole_trail
from blasto_annotator.store.engines import engine_at, for_writing
from blasto_annotator.store.faults import translated
from blasto_annotator.store.location import DATABASE, LINK, Location, find_location, write_link
from blasto_annotator.store.markers import COPYING, MOVED
from blasto_annotator.store.models import Base, ProjectRecord, SettingRecord
from blasto_annotator.store.shares import refuse_network_share
from blasto_annotator.store.times import now_utc
from blasto_annotator.store.verification import first_untrue
from gan.contract.locking import AlreadyLockedError, FileLock

_ROWS = 5000
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Move:
    """What was moved, and where the old database lies."""

    to: str
    rows: int
    backup: str


def move(folder: Path, target: Location, who: str, progress: Progress | None = None) -> Move:
    """Moves the project in `folder` to `target`, whose folder is the same.

    Raises:
        UserError: it lies there already, is open in a window, does not verify, or the target cannot be used;
            the project stays as it was.
    """
    source = find_location(folder)
    _check(source, target)
    with _window_kept_out(folder):
        new = _beside(target)
        engines = engine_at(source), engine_at(new)
        try:
            with translated(source), for_writing(engines[0]).begin() as old:
                rows = _copy(old, source, engines[1], new, who, progress)
                engines[1].dispose()
                _switch(target, new)
                _leave(old, target)
        except UnreachableError as error:
            raise _half_told(error, source, target) from error
        finally:
            for engine in engines:
                engine.dispose()
        backup = source.name if target.url is None else str(_put_aside(source.path))
        if target.url is not None:
            finish(target)
    return Move(target.name, rows, backup)


def finish(location: Location) -> None:
    """Ends what a move left undone behind the switch: the copy counts, and the old file is put aside."""
    if location.url is None:
        return
    engine = engine_at(location)
    try:
        with translated(location), for_writing(engine).begin() as connection:
            connection.execute(delete(SettingRecord).where(SettingRecord.key == COPYING))
    finally:
        engine.dispose()
    old = location.folder / DATABASE
    if old.exists():
        _put_aside(old)


def _check(source: Location, target: Location) -> None:
    if source.url is None and target.url is None:
        raise UserError(f"{source.folder} keeps its labels in a file already: there is nothing to move.")
    if source.url is not None and target.url is not None:
        raise UserError(
            f"{source.folder} lies in {source.name} already: move it into a file first, then onward."
        )
    if target.url is None:
        refuse_network_share(target.folder)


@contextmanager
def _window_kept_out(folder: Path) -> Iterator[None]:
    try:
        lock = FileLock(folder / "project.lock")
    except AlreadyLockedError as error:
        raise UserError(f"The project {folder} is open in a window: close it there, then move it.") from error
    try:
        yield
    finally:
        lock.release()


def _beside(target: Location) -> Location:
    """Where the copy is built: a file is made beside its place, in a folder of its own."""
    if target.url is not None:
        return target
    folder = target.folder / "moving"
    folder.mkdir(exist_ok=True)
    for left in folder.glob(DATABASE + "*"):
        left.unlink()
    (folder / DATABASE).touch()
    return Location(folder)


def _copy(
    old: Connection, source: Location, engine: Engine, new: Location, who: str, progress: Progress | None
) -> int:
    """Everything into the new database, in one transaction that is checked before it is committed."""
    _refuse_broken(old, source.folder, f"The trail of {source.name} does not verify, so nothing was moved")
    with translated(new), for_writing(engine).begin() as target:
        _make_empty(target, new, old)
        total = _total(old)
        done = 0
        for table in Base.metadata.sorted_tables:
            for count in _copy_table(old, target, table):
                done += count
                if progress is not None:
                    progress(done, total)
            _check_count(old, target, table)
        _set_counters(target)
        words = f"The copy in {new.name} does not verify, so the project stays where it was"
        _refuse_broken(target, source.folder, words)
        with _session(target) as session:
            if new.url is not None:
                session.merge(SettingRecord(key=COPYING, value=source.name))
            told = {"from": source.name, "to": new.name if new.url is not None else DATABASE, "rows": done}
            append_acts(session, [Act(who, "project.move", "project", None, told)])
            session.commit()
    return done


def _make_empty(target: Connection, new: Location, old: Connection) -> None:
    """Tables without a row; the copy of a move that was interrupted is thrown away."""
    fresh = not migrate.holds_tables(target)
    if not fresh:
        own = select(ProjectRecord.id)
        left = select(SettingRecord.value).where(SettingRecord.key.in_((COPYING, MOVED)))
        if target.scalar(own) != old.scalar(own) or target.scalar(left) is None:
            raise UserError(
                f"In {new.name} there is a project already: name an empty database, or join it from another "
                "folder."
            )
    migrate.upgrade(target)
    if not fresh:
        names = [table.name for table in Base.metadata.sorted_tables]
        for act in (
            *(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in names),
            f"TRUNCATE {', '.join(names)}",
            *(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in names),
        ):
            target.exec_driver_sql(act)


def _total(old: Connection) -> int:
    return sum(old.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables)


def _copy_table(old: Connection, target: Connection, table: Table) -> Iterator[int]:
    rows = old.execute(select(table), execution_options={"yield_per": _ROWS})
    for part in rows.mappings().partitions(_ROWS):
        target.execute(insert(table), [dict(row) for row in part])
        yield len(part)


def _check_count(old: Connection, target: Connection, table: Table) -> None:
    counts = [c.scalar(select(func.count()).select_from(table)) for c in (old, target)]
    if counts[0] != counts[1]:
        raise RuntimeError(f"{table.name} has {counts[0]} rows and its copy {counts[1]}")


def _set_counters(target: Connection) -> None:
    """PostgreSQL's counters go on behind the highest number that was copied."""
    if target.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        key = table.c.get("id")
        counter = (
            None if key is None else target.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
        )
        highest = None if key is None or counter is None else target.scalar(select(func.max(key)))
        if highest is not None:
            target.execute(select(func.setval(counter, highest)))


def _refuse_broken(connection: Connection, folder: Path, words: str) -> None:
    with _session(connection) as session:
        broken = first_untrue(session, whole_trail(session), frames=folder)
    if broken is not None:
        raise UserError(f"{words}: {tampered_sentence(broken)}")


def _switch(target: Location, new: Location) -> None:
    """The moment from which the new database counts: one file takes another's place."""
    if target.url is not None:
        write_link(target.folder, target.url)
        return
    (new.folder / DATABASE).replace(target.folder / DATABASE)
    new.folder.rmdir()
    (target.folder / LINK).unlink()


def _leave(old: Connection, target: Location) -> None:
    """Other seats of the server learn that the project is gone."""
    if old.dialect.name == "postgresql":
        old.execute(delete(SettingRecord).where(SettingRecord.key == MOVED))
        old.execute(insert(SettingRecord).values(key=MOVED, value=f"the folder {target.folder}"))


def _half_told(error: UserError, source: Location, target: Location) -> UserError:
    """A server that went away at the very end could not be told that it was left."""
    if target.url is None and find_location(target.folder).url is None:
        return UserError(
            f"The project lies in {target.path} now, but {source.name} went away before it could be told: "
            "no other seat may grade there any more."
        )
    return error


def _put_aside(old: Path) -> Path:
    kept = old.with_name(f"{old.name}.moved-{now_utc():%Y%m%dT%H%M%S}")
    for ending in ("-wal", "-shm", ""):
        part = old.with_name(old.name + ending)
        if part.exists():
            part.replace(kept.with_name(kept.name + ending))
    return kept


def _session(connection: Connection) -> Session:
    return Session(connection, join_transaction_mode="create_savepoint")
