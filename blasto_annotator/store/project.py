"""A project: a folder with its database and what comes out of it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from uuid import uuid4

from sqlalchemy import select

from blasto_annotator import __version__
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store import founding, migrate, moving
from blasto_annotator.store.acts import Acts
from blasto_annotator.store.adjudications import Adjudications
from blasto_annotator.store.assignments import Assignments
from blasto_annotator.store.audit import Audit
from blasto_annotator.store.database import Database
from blasto_annotator.store.faults import damaged_sentence
from blasto_annotator.store.filters import Filters
from blasto_annotator.store.flags import Flags
from blasto_annotator.store.frames import Frames
from blasto_annotator.store.graders import Graders
from blasto_annotator.store.heads import Heads
from blasto_annotator.store.label_imports import LabelImports
from blasto_annotator.store.labels import Labels
from blasto_annotator.store.location import Location, find_location, parse_url
from blasto_annotator.store.markers import refuse_moved
from blasto_annotator.store.models import ProjectRecord, SettingRecord
from blasto_annotator.store.promotions import Models
from blasto_annotator.store.repeats import Repeats
from blasto_annotator.store.reviews import Reviews
from blasto_annotator.store.schemes import DEFAULT_SCHEME, load_scheme, store_scheme
from blasto_annotator.store.searching import Searching
from blasto_annotator.store.shares import refuse_network_share
from blasto_annotator.store.strategies import Queues
from blasto_annotator.store.times import now_utc
from gan.contract.locking import AlreadyLockedError, FileLock

WINDOW_LOCK = "project.lock"


class Project:
    """An open project. Every call opens its own short transaction; calls may come from any thread."""

    def __init__(self, location: Location) -> None:
        self.folder = location.folder
        self.location = location
        self._db = Database(location)
        self._lock: FileLock | None = None
        self.frames = Frames(self._db)
        self.labels = Labels(self._db)
        self.label_imports = LabelImports(self._db)
        self.adjudications = Adjudications(self._db)
        self.repeats = Repeats(self._db)
        self.graders = Graders(self._db)
        self.assignments = Assignments(self._db)
        self.reviews = Reviews(self._db)
        self.audit = Audit(self._db)
        self.models = Models(self._db)
        self.flags = Flags(self._db)
        self.filters = Filters(self._db)
        self.acts = Acts(self._db)
        self.search = Searching(self._db)
        self.queues = Queues(self._db)
        try:
            with self._db.reading() as session:
                refuse_moved(session, location)
                record = session.scalars(select(ProjectRecord)).one_or_none()
            if record is not None:
                heads = self._db.heads = Heads(record.id, location)
                known = heads.known()
                with self._db.reading() as session:
                    heads.look(session, known)  # before the first write: what it lost must stay known
        except BaseException:
            self._db.close()
            raise
        if record is None:
            self._db.close()
            raise UserError(damaged_sentence(location.path, "it holds no project"))
        self.id, self.name, self.is_sample = record.id, record.name, record.sample
        self._scheme = record.scheme

    @classmethod
    def create(
        cls,
        folder: Path,
        name: str = "",
        scheme: str = DEFAULT_SCHEME,
        sample: bool = False,
        database: str = "",
    ) -> Project:
        """Makes a project in a new or empty folder and opens it.

        `database` is the address of an empty PostgreSQL database, for several seats; without it the labels
        lie in a file in the folder.

        Raises:
            UserError: a project is there already, the folder is not empty, or something may not be written.
        """
        location = _location(folder, database)
        load_scheme(scheme)
        if location.url is None:
            refuse_network_share(location.folder)
        values = ProjectRecord(
            id=str(uuid4()),
            name=name or location.folder.name,
            scheme=scheme,
            sample=sample,
            created_utc=now_utc(),
            version=__version__,
        )
        founding.found(location, values)
        return cls(location)

    @classmethod
    def join(cls, folder: Path, database: str) -> Project:
        """Makes a new or empty folder one more seat of the project in a PostgreSQL database, and opens it.

        Raises:
            UserError: the folder is taken, the database holds no project or does not answer.
        """
        location = _location(folder, database)
        founding.join(location)
        return cls(location)

    @classmethod
    def open(cls, folder: Path, or_read: bool = False) -> Project:
        """Opens a project; an older one is migrated (a file after a backup copy).

        With `or_read`, one that may not be written is opened for reading only.

        Raises:
            UserError: no project, damaged, from a newer version, on a network share, or without permission.
        """
        location = founding.check_folder(find_location(folder.absolute()), or_read)
        if location.read_only:
            migrate.check_readable(location)
            return cls(location)
        if location.url is None:
            migrate.bring_up_to_date(location.path)
        else:
            migrate.bring_server_up_to_date(location)
            moving.finish(location)
        founding.make_parts(location.folder)
        return cls(location)

    @property
    def read_only(self) -> bool:
        """Whether it is open for reading only."""
        return self.location.read_only

    @property
    def scheme(self) -> Scheme:
        """The grading scheme."""
        return load_scheme(self._scheme)

    def choose_scheme(self, name: str, who: str = "") -> Scheme:
        """Takes another grading scheme. Grades stay as they were typed; groups are derived anew.

        Raises:
            UserError: there is no such scheme.
        """
        scheme = load_scheme(name)
        store_scheme(self._db, name, who)
        self._scheme = name
        return scheme

    @property
    def snapshots(self) -> Path:
        """The folder of snapshots."""
        return self.folder / "snapshots"

    @property
    def runs(self) -> Path:
        """The folder of runs."""
        return self.folder / "runs"

    @property
    def batches(self) -> Path:
        """The folder of generated batches."""
        return self.folder / "batches"

    @property
    def cache(self) -> Path:
        """A folder that may be deleted at any time."""
        return self.folder / "cache"

    def hold_window(self) -> None:
        """Makes this the project's one window, until `close` or the process's end; readers may be many.

        Raises:
            UserError: another window has it.
        """
        if self._lock is not None or self.read_only:
            return
        path = self.folder / WINDOW_LOCK
        try:
            self._lock = FileLock(path)
        except AlreadyLockedError as error:
            raise UserError(
                f"The project {self.folder} is open in another window: use that one, or close it first."
            ) from error
        except OSError as error:
            raise UserError(f"{path} cannot be written ({error.strerror}): check the permissions.") from error

    def check_present(self) -> None:
        """Checks that the project still lies where it was opened; every write does this first.

        Raises:
            UserError: it was moved, deleted or replaced.
        """
        self._db.check_present()

    def setting(self, key: str, default: str = "") -> str:
        """A small setting of the project."""
        with self._db.reading() as session:
            record = session.get(SettingRecord, key)
            return default if record is None else record.value

    def set_setting(self, key: str, value: str) -> None:
        """Stores a small setting of the project."""
        with self._db.writing() as session:
            session.merge(SettingRecord(key=key, value=value))

    def close(self) -> None:
        """Closes the database and gives the window's lock back. May be called twice."""
        self._db.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _location(folder: Path, database: str) -> Location:
    return Location(folder.absolute(), parse_url(database) if database else None)
