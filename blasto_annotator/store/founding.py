"""Making a project's folder and database, and looking whether one is there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import migrate
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.engines import engine_at, for_writing
from blasto_annotator.store.faults import damaged_sentence, translated
from blasto_annotator.store.location import DATABASE, LINK, Location, write_link
from blasto_annotator.store.markers import refuse_unfinished
from blasto_annotator.store.models import ProjectRecord
from blasto_annotator.store.shares import refuse_network_share

FOLDERS = ("snapshots", "runs", "batches", "cache")
_IGNORED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def found(location: Location, values: ProjectRecord) -> None:
    """Makes a project in a new or empty folder, and its tables in the file or on the server.

    Raises:
        UserError: a project is there already, or something may not be written; nothing is left behind then.
    """
    folder = location.folder
    make_folder(folder)
    try:
        if location.url is None:
            _touch(location.path)
        make_parts(folder)
        _make_tables(location, values)
        if location.url is not None:
            _link(location)
    except BaseException:
        remove_contents(folder)
        raise


def join(location: Location) -> None:
    """Makes a new or empty folder one more seat of the project on the server.

    Raises:
        UserError: the folder is taken, or the server's database holds no project.
    """
    make_folder(location.folder)
    try:
        migrate.bring_server_up_to_date(location)
        make_parts(location.folder)
        _link(location)
    except BaseException:
        remove_contents(location.folder)
        raise


def make_folder(folder: Path) -> None:
    """The folder itself.

    Raises:
        UserError: it holds a project or anything else, is a file, or may not be made.
    """
    if (folder / DATABASE).exists() or (folder / LINK).exists():
        raise UserError(f"{folder} holds a project already: open it, or choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(entry.name not in _IGNORED for entry in folder.iterdir()):
            raise UserError(f"{folder} is not empty: choose a new or empty folder for the project.")
    except FileExistsError as error:
        raise UserError(f"{folder} is a file: choose a folder for the project.") from error
    except OSError as error:
        raise _not_made(folder, error) from error


def make_parts(folder: Path) -> None:
    """The folders beside the database; a deleted one (such as the cache) comes back."""
    for part in FOLDERS:
        try:
            (folder / part).mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The folder {folder / part} cannot be made ({error.strerror}): free some space or check the "
                "permissions, then try again."
            ) from error


def remove_contents(folder: Path) -> None:
    """Takes away what a failed creation left, so that it can be tried again."""
    for file in (*folder.glob(DATABASE + "*"), *folder.glob(LINK + "*")):
        file.unlink()
    for part in FOLDERS:
        if (folder / part).exists():
            (folder / part).rmdir()


def check_folder(location: Location, or_read: bool = False) -> Location:
    """Checks that the folder holds a project that may be written; with `or_read`, or read at least.

    Raises:
        UserError: it does not; the sentence says which and what to do.
    """
    folder, path = location.folder, location.path
    try:
        if folder.is_file():
            raise UserError(f"{folder} is a file: choose the project's folder.")
        if not folder.is_dir():
            raise UserError(f"There is no folder {folder}: it may have been moved; choose the project again.")
        if not path.is_file():
            raise UserError(f"{folder} holds no project ({DATABASE} is missing): choose another folder.")
    except PermissionError as error:
        raise UserError(f"{folder} may not be read: check its permissions.") from error
    if not (os.access(folder, os.W_OK) and os.access(path, os.R_OK | os.W_OK)):
        if or_read and location.url is None and os.access(path, os.R_OK):
            refuse_unfinished(path)
            _check_size(path)
            return replace(location, read_only=True)
        raise UserError(f"{path} cannot be written: check the permissions of the file and its folder.")
    if location.url is None:
        refuse_network_share(folder)
        _check_size(path)
    return location


def _check_size(path: Path) -> None:
    # SQLite takes an empty file for a new database. Only its size is looked at: opening the file by other
    # means than SQLite would, on closing it, drop the locks of every connection of this process (POSIX),
    # and the next process to close the database would take the log away from under us.
    if path.stat().st_size == 0:
        raise UserError(damaged_sentence(path, "it is empty"))


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError as error:
        raise _not_made(path.parent, error) from error


def _link(location: Location) -> None:
    if location.url is None:
        raise ValueError("the project is not on a server")
    try:
        write_link(location.folder, location.url)
    except OSError as error:
        raise _not_made(location.folder, error) from error


def _make_tables(location: Location, values: ProjectRecord) -> None:
    """Tables and the project's row, in one transaction."""
    engine = engine_at(location)
    try:
        with translated(location), for_writing(engine).begin() as connection:
            if migrate.holds_tables(connection):
                raise UserError(
                    f"In {location.name} there is a project already: join it from another folder "
                    "(“blasto-annotator join”), or name an empty database."
                )
            migrate.upgrade(connection)
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                session.add(values)
                session.flush()
                after = {"name": values.name, "scheme": values.scheme, "sample": values.sample}
                append_acts(session, [Act("", "project.create", f"project:{values.id}", None, after)])
                session.commit()
    finally:
        engine.dispose()


def _not_made(folder: Path, error: OSError) -> UserError:
    return UserError(
        f"The project cannot be made in {folder} ({error.strerror}): choose a folder that you may write."
    )
