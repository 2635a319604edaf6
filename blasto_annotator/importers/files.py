"""Walking a source folder: what is there, what is litter, what may not be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import RejectedFile

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jp2")
)
_LITTER = frozenset(("thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db"))
NOT_AN_IMAGE = "not an image file"
_NO_FILE = "is a link to a file that is not there, or no file at all"
_NAME = attrgetter("name")


def check_root(root: Path) -> Path:
    """The folder to import, made absolute.

    Raises:
        UserError: missing, not a folder, or not readable.
    """
    root = root.expanduser().absolute()
    if root.is_file():
        raise UserError(f"“{root.name}” is a file; choose the folder that holds the frames.")
    try:
        os.scandir(root).close()
    except PermissionError as error:
        raise UserError(
            f"The folder {root} may not be read (no permission); ask for permission to read it."
        ) from error
    except FileNotFoundError as error:
        raise UserError(f"The folder {root} is not there; check the name or connect its drive.") from error
    except OSError as error:
        raise UserError(
            f"The folder {root} cannot be read ({error.strerror}); check the drive it lies on."
        ) from error
    return root


def is_litter(name: str) -> bool:
    """Hidden files and what operating systems leave behind: not worth a line in a report."""
    return name.startswith(".") or name.lower() in _LITTER


def is_image_name(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")  # millions of names: no Path
    return stem != "" and dot + suffix.lower() in IMAGE_SUFFIXES


def entries(folder: Path | str) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """Subfolders and files of a folder, each by name, without litter."""
    visible = _visible(folder)
    return [e for e in visible if e.is_dir()], [e for e in visible if e.is_file()]


def _visible(folder: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as scan:
        return sorted((entry for entry in scan if not is_litter(entry.name)), key=_NAME)


def readable_entries(folder: Path | str) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """The same, empty for a folder that may not be read: `walk` says so when it comes by."""
    try:
        return entries(folder)
    except OSError:
        return [], []


def walk(root: Path) -> Iterator[str | RejectedFile]:
    """Every file below `root` as a path relative to it with forward slashes; closed folders as rejected.

    A linked folder is followed once, so that circles end.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            state = (root / folder).stat()
            if (state.st_dev, state.st_ino) in seen:
                continue
            seen.add((state.st_dev, state.st_ino))
            visible = _visible(root / folder)
            folders, files = [e for e in visible if e.is_dir()], [e for e in visible if e.is_file()]
        except OSError as error:
            yield RejectedFile(folder, closed_folder(error))
            continue
        yield from (folder + entry.name for entry in files)
        if len(folders) + len(files) < len(visible):
            known = {entry.name for entry in (*folders, *files)}
            yield from (RejectedFile(folder + e.name, _NO_FILE) for e in visible if e.name not in known)
        waiting.extend(f"{folder}{entry.name}/" for entry in reversed(folders))


def closed_folder(error: OSError) -> str:
    """The reason for a folder that cannot be listed."""
    if isinstance(error, PermissionError):
        return "the folder may not be read (no permission)"
    return f"the folder cannot be read ({error.strerror})"
