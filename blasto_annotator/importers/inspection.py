"""Opening each file once: size in pixels, whether it is whole, and a fingerprint to find copies by.

A JPEG or PNG is whole where its end marker stands near its end; without it, or in another format, the file
is decoded in full. That reads a few kilobytes of nearly every file, not all of it.

Where the drive answers at once, one thread reads: several would mostly wait for one another. Where it makes
us wait, as network drives do, several wait together.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.imaging.decode import verify
from blasto_annotator.imaging.errors import ImageError, unreadable
from blasto_annotator.imaging.header import HEAD, TAIL, Glance, ImageHeader, has_end, read_header

_THREADS = 8
_CHUNK = 128
_PROBED = 32
"""Files by which it is seen whether the drive answers at once."""
_BETWEEN_PROBES = 64
"""Chunks that are read in threads before one looks again."""
SLOW_S = 0.0005
"""Waiting for one file from which on threads pay."""
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)


class Inspected(NamedTuple):
    """A frame whose file was opened."""

    frame: ImportedFrame
    fingerprint: int
    """Equal for equal files; nearly always different for others."""
    identity: tuple[int, int]
    """Device and inode: equal for two names (hard links) of one file."""


Entry = ImportedFrame | RejectedFile
Seen = Inspected | RejectedFile


def inspect_all(root: Path, found: Iterable[Entry], slow_s: float = SLOW_S) -> Iterator[Seen]:
    """Inspects in order, in threads where a file makes us wait longer than `slow_s` seconds."""
    source, inspector, slow = iter(found), Inspector(root), 0
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="import") as pool:
        while chunk := list(islice(source, _PROBED)):
            began, busy = time.perf_counter(), time.thread_time()
            seen = inspector.chunk(chunk)
            waited = (time.perf_counter() - began) - (time.thread_time() - busy)
            yield from seen
            slow = slow + 1 if waited > slow_s * len(chunk) else 0
            if slow > 1:  # once may be another program's turn on this core
                yield from _in_threads(pool, inspector, source)


def _in_threads(pool: ThreadPoolExecutor, inspector: Inspector, source: Iterator[Entry]) -> Iterator[Seen]:
    """Some thousand files, in order, reading ahead a little."""
    waiting: deque[Future[list[Seen]]] = deque()
    for _ in range(_BETWEEN_PROBES):
        chunk = list(islice(source, _CHUNK))
        waiting.append(pool.submit(inspector.chunk, chunk))
        if len(waiting) > 2 * _THREADS:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


class Inspector:
    """Opens the files of one source; from any thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._start = f"{root}{os.sep}"
        self._glance = Glance()

    def chunk(self, entries: list[Entry]) -> list[Seen]:
        """Some files in order."""
        return [entry if isinstance(entry, RejectedFile) else self.inspect(entry) for entry in entries]

    def inspect(self, frame: ImportedFrame) -> Seen:
        """The frame with its file's size, time and pixels filled in, or why it is left out."""
        try:
            return self._at_a_glance(frame) or _look_closer(self._root, frame)
        except OSError:
            return _look_closer(self._root, frame)

    def _at_a_glance(self, frame: ImportedFrame) -> Inspected | None:
        """The common case in five calls of the system: a JPEG that is whole. None: look closer."""
        file = os.open(self._start + frame.path, _READING)
        try:
            state = os.fstat(file)
            start = os.read(file, HEAD)
            os.lseek(file, max(0, state.st_size - TAIL), os.SEEK_SET)
            end = os.read(file, TAIL)
        finally:
            os.close(file)
        header = self._glance.whole_jpeg(start, end, state.st_size)
        return _inspected(frame, state, header, end) if header is not None else None


def _look_closer(root: Path, frame: ImportedFrame) -> Seen:
    path = root / frame.path
    try:
        return _inspect(path, frame)
    except OSError as error:
        return RejectedFile(frame.path, unreadable(path, error).reason)
    except ImageError as error:
        return RejectedFile(frame.path, error.reason)


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
    filled = frame.of_file(state.st_size, state.st_mtime_ns, header.width, header.height)
    return Inspected(filled, fingerprint, (state.st_dev, state.st_ino))
