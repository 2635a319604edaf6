"""Frames decoded ahead of the eye: worker threads, the wanted frame first, what is stale dropped."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, PriorityQueue
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from blasto_annotator.domain.frames import Frame

if TYPE_CHECKING:
    from blasto_annotator.imaging.adjust import Adjustments
    from blasto_annotator.imaging.decode import Grey

THREADS = 2
RAW_BYTES = 256_000_000
"""Decoded frames kept, about a thousand of 500x500."""
SHOWN_BYTES = 128_000_000
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Picture:
    """A frame ready for the screen, with the content hash of the bytes it was decoded from."""

    frame_id: int
    sha256: str
    image: QImage
    shown_for: int
    """The number of the settings (project, adjustments) that it was made for."""


@dataclass(frozen=True)
class Unreadable:
    """A frame that cannot be shown, and why."""

    frame_id: int
    error: Exception
    shown_for: int


class Cache:
    """Least recently used, bounded by bytes; safe for several threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()
        self._items: OrderedDict[object, tuple[object, int]] = OrderedDict()

    def get(self, key: object) -> object | None:
        """What is kept under the key."""
        with self._lock:
            found = self._items.get(key)
            if found is None:
                return None
            self._items.move_to_end(key)
            return found[0]

    def put(self, key: object, value: object, size: int) -> None:
        """Keeps a value; the oldest go where there is no room. The newest always stays."""
        with self._lock:
            if key in self._items:
                self._used -= self._items.pop(key)[1]
            self._items[key] = (value, size)
            self._used += size
            while self._used > self._limit and len(self._items) > 1:
                self._used -= self._items.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._items.clear()
            self._used = 0


class Images(QObject):
    """Delivers `Picture` or `Unreadable` on the GUI thread for the frames that are wanted now."""

    ready = Signal(object)
    _decoded_one = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._raw = Cache(RAW_BYTES)
        self._shown = Cache(SHOWN_BYTES)
        self._jobs: PriorityQueue[tuple[int, int, int, Frame | None]] = PriorityQueue()
        self._count = itertools.count()
        self._round = 0
        self._made_for = 0
        self._file: Callable[[Frame], Path] | None = None
        self._adjustments: Adjustments | None = None
        self._threads: list[threading.Thread] = []
        self._decoded_one.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(lambda *_, jobs=self._jobs: _stop(jobs), Qt.ConnectionType.DirectConnection)

    def set_files(self, file: Callable[[Frame], Path] | None) -> None:
        """How a frame's path is found; None forgets every picture."""
        self._file = file
        self._round += 1
        self._made_for += 1
        self._raw.clear()
        self._shown.clear()

    def set_adjustments(self, adjustments: Adjustments | None) -> None:
        """How pictures are shown from now on; None shows them as they are."""
        if adjustments != self._adjustments:
            self._adjustments = adjustments
            self._made_for += 1
            self._shown.clear()

    def at_hand(self, frame: Frame) -> Picture | None:
        """The picture, where it is decoded already."""
        found = self._shown.get((frame.id, self._made_for))
        return found if isinstance(found, Picture) else None

    def want(self, frames: Sequence[Frame]) -> None:
        """Decodes these, the first of them first; what was wanted before and is not begun is dropped."""
        self._round += 1
        self._begin()
        for place, frame in enumerate(frames):
            if self.at_hand(frame) is None:
                self._jobs.put((place, next(self._count), self._round, frame))

    def stop(self) -> None:
        """Ends the threads and waits for them."""
        _stop(self._jobs)
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._threads = []

    def _begin(self) -> None:
        if not self._threads:
            self._threads = [
                threading.Thread(target=self._work, name=f"decode-{n}", daemon=True) for n in range(THREADS)
            ]
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        while True:
            _, _, number, frame = self._jobs.get()
            if frame is None:
                return
            if number == self._round:
                self._show(frame)

    def _pass_on(self, result: Picture | Unreadable) -> None:
        if result.shown_for == self._made_for:
            self.ready.emit(result)

    def _show(self, frame: Frame) -> None:
        number, adjustments, file = self._made_for, self._adjustments, self._file
        key = (frame.id, number)
        if file is None or self._shown.get(key) is not None:
            return
        result: Picture | Unreadable
        try:
            grey, sha256 = self._decoded(frame, file)
            result = Picture(frame.id, sha256, _to_image(grey, adjustments), number)
            self._shown.put(key, result, result.image.sizeInBytes())
        except Exception as error:  # noqa: BLE001  shown in the frame's place; a bug goes on to the crash dialog
            result = Unreadable(frame.id, error, number)
        self._decoded_one.emit(result)

    def _decoded(self, frame: Frame, file: Callable[[Frame], Path]) -> tuple[Grey, str]:
        known = self._raw.get(frame.id)
        if known is None:
            known = decode(file(frame))
            self._raw.put(frame.id, known, known[0].nbytes)
        return known  # type: ignore[return-value]


def decode(path: Path) -> tuple[Grey, str]:
    """Pixels and content hash of the same bytes.

    Raises:
        UserError: the file is missing, damaged or no image.
    """
    from blasto_annotator.imaging.decode import decode_bytes
    from blasto_annotator.imaging.errors import unreadable

    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return decode_bytes(data, path), hashlib.sha256(data).hexdigest()


def _to_image(grey: Grey, adjustments: Adjustments | None) -> QImage:
    if adjustments is not None:
        from blasto_annotator.imaging.adjust import apply

        grey = apply(grey, adjustments)
    height, width = grey.shape
    whole = grey if grey.flags["C_CONTIGUOUS"] else grey.copy()
    return QImage(whole.data, width, height, whole.strides[0], QImage.Format.Format_Grayscale8).copy()


def _stop(jobs: PriorityQueue[tuple[int, int, int, Frame | None]]) -> None:
    with suppress(Empty):
        while True:
            jobs.get_nowait()
    for number in range(THREADS):
        jobs.put((-1, -1 - number, -1, None))
