"""Copies that the project keeps: `PROJECT/frames/<source>/`, under the names that the files had.

A copy appears under its name whole or not at all, is on the disk before the frame is in the database, and is
never written over: what a grader saw stays what it was. A second import goes on where the first ended.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Source
from blasto_annotator.imaging.errors import unreadable
from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.store import Project
from gan.contract.whole_file import whole_file

FRAMES = "frames"
RESERVE = 2_000_000
"""Bytes of the disk that copies leave free: the database must still be able to say what was copied."""
ORIGINAL = "original"
"""Option of a source whose files the project keeps: the folder that they came from."""
DIFFERS = (
    "has changed since the project took its copy: the copy stays; rename the file to import it as another"
)


def kept_source(project: Project, original: Path) -> Source | None:
    """The source that holds the copies of this folder."""
    found = (source for source in project.frames.sources() if source.options.get(ORIGINAL) == str(original))
    return next(found, None)


def kept_folder(project: Project, original: Path) -> Path:
    """Where the copies of this folder lie or will lie: its own name, numbered where that is taken.

    Raises:
        UserError: the folder cannot be made, or other seats of the project would not reach it.
    """
    if project.location.url is not None:
        raise UserError(
            "This project is on a server: copies in this seat's folder are out of the other seats' reach. "
            "Put the frames, videos as single images, on a share that all seats reach, and leave them there."
        )
    known = kept_source(project, original)
    if known is not None:
        return known.root
    taken = {source.root for source in project.frames.sources()}
    place = project.folder.resolve() / FRAMES
    names = (original.name if number == 1 else f"{original.name} {number}" for number in range(1, 10_000))
    folder = next(place / name for name in names if place / name not in taken)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_keep(folder, error) from error
    return folder


def keep_copy(original: Path, target: Path) -> str | None:
    """Copies a file with its time; None when the copy is there, else why the file is left out.

    Raises:
        UserError: the project's disk is full or may not be written.
    """
    try:
        state = original.stat()
        if target.exists():
            return None if _same(original, target, state) else DIFFERS
        data = original.read_bytes()
    except OSError as error:
        return unreadable(original, error).reason
    write_whole(target, data, state.st_mtime_ns)
    return None


def write_whole(target: Path, data: bytes, modified_ns: int | None = None) -> None:
    """Writes a file that is there whole and durably, or not at all.

    Raises:
        UserError: the project's disk is full or may not be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(target.parent).free < len(data) + RESERVE:
            raise OSError(errno.ENOSPC, "no room")
        with whole_file(target, durable=True) as part:
            part.write_bytes(data)
            if modified_ns is not None:
                os.utime(part, ns=(modified_ns, modified_ns))
    except OSError as error:
        raise cannot_keep(target.parent, error) from error


def cannot_keep(folder: Path, error: OSError) -> UserError:
    """The sentence for a disk that takes no more copies."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            f"The disk of {folder} is full. The frames copied so far are kept: free some space and import "
            "again to go on."
        )
    return UserError(f"Nothing can be copied to {folder} ({error.strerror}); check that you may write there.")


def _same(original: Path, target: Path, state: os.stat_result) -> bool:
    kept = target.stat()
    if (kept.st_size, kept.st_mtime_ns) == (state.st_size, state.st_mtime_ns):
        return True
    return (
        kept.st_size == state.st_size
        and sha256_file(target) == hashlib.sha256(original.read_bytes()).hexdigest()
    )
