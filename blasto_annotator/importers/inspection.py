"""Opening each file once: size in pixels, whether it is whole, and a fingerprint to find copies by.

A JPEG or PNG is whole where its end marker stands near its end; without it, or in another format, the file
is decoded in full. That reads a few kilobytes of nearly every file, not all of it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.imaging.decode import verify
from blasto_annotator.imaging.errors import ImageError, unreadable
from blasto_annotator.imaging.header import HEAD, TAIL, ImageHeader, has_end, read_header, whole_jpeg

_THREADS = 8  # network drives answer slowly, and together faster
_CHUNK = 128
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Inspected:
    """A frame whose file was opened."""

    frame: ImportedFrame
    fingerprint: int
    """Equal for equal files; nearly always different for others."""
    identity: tuple[int, int]
    """Device and inode: equal for two names (hard links) of one file."""


Entry = ImportedFrame | RejectedFile
Seen = Inspected | RejectedFile


def inspect_all(root: Path, found: Iterable[Entry]) -> Iterator[Seen]:
    """Inspects in threads, in order, reading ahead a little."""
    waiting: deque[Future[list[Seen]]] = deque()
    source = iter(found)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="import") as pool:
        while chunk := list(islice(source, _CHUNK)):
            waiting.append(pool.submit(_inspect_chunk, root, chunk))
            if len(waiting) > 2 * _THREADS:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _inspect_chunk(root: Path, chunk: list[Entry]) -> list[Seen]:
    return [entry if isinstance(entry, RejectedFile) else inspect(root, entry) for entry in chunk]


def inspect(root: Path, frame: ImportedFrame) -> Seen:
    """The frame with its file's size, time and pixels filled in, or why it is left out."""
    try:
        return _at_a_glance(f"{root}{os.sep}{frame.path}", frame) or _look_closer(root, frame)
    except OSError:
        return _look_closer(root, frame)


def _look_closer(root: Path, frame: ImportedFrame) -> Seen:
    path = root / frame.path
    try:
        return _inspect(path, frame)
    except OSError as error:
        return RejectedFile(frame.path, unreadable(path, error).reason)
    except ImageError as error:
        return RejectedFile(frame.path, error.reason)


def _at_a_glance(path: str, frame: ImportedFrame) -> Inspected | None:
    """The common case in five calls of the system: a JPEG that is whole. None: look closer."""
    file = os.open(path, _READING)
    try:
        state = os.fstat(file)
        start = os.read(file, HEAD)
        os.lseek(file, max(0, state.st_size - TAIL), os.SEEK_SET)
        end = os.read(file, TAIL)
    finally:
        os.close(file)
    header = whole_jpeg(start, end, state.st_size)
    return _inspected(frame, state, header, end) if header is not None else None


def _inspect(path: Path, frame: ImportedFrame) -> Inspected:
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        header = read_header(file, path)
        whole = has_end(file, state.st_size, header, path)
        file.seek(max(0, state.st_size - TAIL))
        end = file.read()
    if header.pages > 1:
        advice = "import it as a stack (layout films)"
        raise ImageError(path, f"holds {header.pages} pages: {advice}", advice)
    if not whole:
        verify(path)
    return _inspected(frame, state, header, end)


def _inspected(frame: ImportedFrame, state: os.stat_result, header: ImageHeader, end: bytes) -> Inspected:
    fingerprint = hash((state.st_size, header.width, header.height, end))
    filled = replace(
        frame, size=state.st_size, modified_ns=state.st_mtime_ns, width=header.width, height=header.height
    )
    return Inspected(filled, fingerprint, (state.st_dev, state.st_ino))
