"""A project: a folder with its database and what comes out of it."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from sqlalchemy import select

from blasto_annotator import __version__
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store import migrate
from blasto_annotator.store.audit import Act, Audit, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.faults import damaged_sentence, translated
from blasto_annotator.store.frames import Frames
from blasto_annotator.store.labels import Labels
from blasto_annotator.store.models import ProjectRecord, SettingRecord
from blasto_annotator.store.promotions import Models
from blasto_annotator.store.reviews import Reviews
from blasto_annotator.store.schemes import DEFAULT_SCHEME, load_scheme
from blasto_annotator.store.shares import refuse_network_share
from blasto_annotator.store.times import now_utc
from gan.contract.locking import AlreadyLockedError, FileLock

DATABASE = "project.db"
WINDOW_LOCK = "project.lock"
FOLDERS = ("snapshots", "runs", "batches", "cache")
_IGNORED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


class Project:
    """An open project. Every call opens its own short transaction; calls may come from any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._db = Database(folder / DATABASE)
        self._lock: FileLock | None = None
        self.frames = Frames(self._db)
        self.labels = Labels(self._db)
        self.reviews = Reviews(self._db)
        self.audit = Audit(self._db)
        self.models = Models(self._db)
        with self._db.reading() as session:
            record = session.scalars(select(ProjectRecord)).one_or_none()
        if record is None:
            self._db.close()
            raise UserError(damaged_sentence(self._db.path, "it holds no project"))
        self.id, self.name, self.is_sample = record.id, record.name, record.sample
        self._scheme = record.scheme

    @classmethod
    def create(
        cls, folder: Path, name: str = "", scheme: str = DEFAULT_SCHEME, sample: bool = False
    ) -> Project:
        """Makes a project in a new or empty folder and opens it.

        Raises:
            UserError: a project is there already, the folder is not empty, or it may not be written.
        """
        folder = folder.absolute()
        load_scheme(scheme)
        refuse_network_share(folder)
        _make_folder(folder)
        values = ProjectRecord(
            id=str(uuid4()),
            name=name or folder.name,
            scheme=scheme,
            sample=sample,
            created_utc=now_utc(),
            version=__version__,
        )
        try:
            _make_contents(folder, values)
        except BaseException:
            _remove_contents(folder)
            raise
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Opens a project; an older one is migrated after a backup copy.

        Raises:
            UserError: no project, damaged, from a newer version, on a network share, or without permission.
        """
        folder = folder.absolute()
        _check_folder(folder)
        refuse_network_share(folder)
        migrate.bring_up_to_date(folder / DATABASE)
        _make_parts(folder)
        return cls(folder)

    @property
    def scheme(self) -> Scheme:
        """The grading scheme."""
        return load_scheme(self._scheme)

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
        """Makes this the project's one window, until `close` or the process's end.

        Raises:
            UserError: another window has it.
        """
        if self._lock is not None:
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


def _make_folder(folder: Path) -> None:
    if (folder / DATABASE).exists():
        raise UserError(f"{folder} holds a project already: open it, or choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(entry.name not in _IGNORED for entry in folder.iterdir()):
            raise UserError(f"{folder} is not empty: choose a new or empty folder for the project.")
    except FileExistsError as error:
        raise UserError(f"{folder} is a file: choose a folder for the project.") from error
    except OSError as error:
        raise _not_made(folder, error) from error


def _not_made(folder: Path, error: OSError) -> UserError:
    return UserError(
        f"The project cannot be made in {folder} ({error.strerror}): choose a folder that you may write."
    )


def _make_contents(folder: Path, values: ProjectRecord) -> None:
    path = folder / DATABASE
    try:
        path.touch()
    except OSError as error:
        raise _not_made(folder, error) from error
    _make_parts(folder)
    database = Database(path)
    try:
        with translated(path):
            migrate.create_schema(database.engine)
        with database.writing() as session:
            session.add(values)
            session.flush()
            after = {"name": values.name, "scheme": values.scheme, "sample": values.sample}
            append_acts(session, [Act("", "project.create", f"project:{values.id}", None, after)])
    finally:
        database.close()


def _make_parts(folder: Path) -> None:
    """The folders beside the database; a deleted one (such as the cache) comes back."""
    for part in FOLDERS:
        try:
            (folder / part).mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The folder {folder / part} cannot be made ({error.strerror}): free some space or check the "
                "permissions, then try again."
            ) from error


def _remove_contents(folder: Path) -> None:
    """Takes away what a failed creation left, so that it can be tried again."""
    for file in folder.glob(DATABASE + "*"):
        file.unlink()
    for part in FOLDERS:
        if (folder / part).exists():
            (folder / part).rmdir()


def _check_folder(folder: Path) -> None:
    path = folder / DATABASE
    try:
        if not folder.is_dir():
            raise UserError(f"There is no folder {folder}: it may have been moved; choose the project again.")
        if not path.is_file():
            raise UserError(f"{folder} holds no project ({DATABASE} is missing): choose another folder.")
    except PermissionError as error:
        raise UserError(f"{folder} may not be read: check its permissions.") from error
    if not (os.access(folder, os.W_OK) and os.access(path, os.R_OK | os.W_OK)):
        raise UserError(f"{path} cannot be written: check the permissions of the file and its folder.")
    # SQLite takes an empty file for a new database. Only its size is looked at: opening the file by other
    # means than SQLite would, on closing it, drop the locks of every connection of this process (POSIX),
    # and the next process to close the database would take the log away from under us.
    if path.stat().st_size == 0:
        raise UserError(damaged_sentence(path, "it is empty"))
