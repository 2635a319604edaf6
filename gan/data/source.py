"""Where a data set's files lie: a folder or a zip file."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from gan.contract.errors import UserError

DESCRIPTION = "dataset.json"
IMAGE_ENDINGS = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"))


class Source(Protocol):
    """A data set's files by name; names are relative and use `/`."""

    path: Path

    def names(self) -> list[str]:
        """All files' names, sorted."""

    def read(self, name: str) -> bytes:
        """The file's content.

        Raises:
            OSError, KeyError: unreadable or absent.
        """

    def fingerprint(self, name: str) -> str:
        """Changes when the file's content does, without reading it."""


class FolderSource:
    """A folder, with all its subfolders."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        found = []
        for folder, _, files in os.walk(self.path, onerror=_refuse, followlinks=True):
            inside = Path(folder).relative_to(self.path)
            found += [(inside / name).as_posix() for name in files]
        return sorted(found)

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def fingerprint(self, name: str) -> str:
        status = (self.path / name).stat()
        return f"{status.st_size}-{status.st_mtime_ns}"


class ZipSource:
    """A zip file."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self.path = path
        self._file = file

    def names(self) -> list[str]:
        return sorted(name for name in self._file.namelist() if not name.endswith("/"))

    def read(self, name: str) -> bytes:
        try:
            return self._file.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # damaged or encrypted
            raise OSError(str(error)) from error

    def fingerprint(self, name: str) -> str:
        info = self._file.getinfo(name)
        return f"{info.file_size}-{info.CRC}"


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The data set at `path`, a folder or a zip file.

    Raises:
        UserError: there is none, it cannot be read, or it is a whole snapshot instead of its training split.
    """
    if path.is_dir():
        if (path / "snapshot.json").exists():
            raise UserError(
                f"{path} is a whole snapshot: train on {path / 'train'}, "
                "so that validation and test images stay unseen."
            )
        yield FolderSource(path)
        return
    if not path.exists():
        raise UserError(f"There is no data set at {path}: name a folder or a zip file of images.")
    with _open_zip(path) as file:
        yield ZipSource(path, file)


def read_file(source: Source, name: str) -> bytes:
    """The content of one of the source's files.

    Raises:
        UserError: unreadable or absent; names the file.
    """
    try:
        return source.read(name)
    except (OSError, KeyError) as error:
        raise UserError(
            f"{source.path / name} cannot be read ({error}): replace it or take it out."
        ) from error


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise UserError(f"{path} is not a folder and not a readable zip file: {error}.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be opened: {error.strerror or error}.") from error


def _refuse(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be listed: {error.strerror}.") from error
