"""Frames decoded ahead of the eye: worker threads, the wanted frame first, what is stale dropped."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QImage

from blasto_annotator.domain.frames import Frame
from blasto_annotator.gui.background import report_error
from blasto_annotator.gui.label.crew import Crew
from blasto_annotator.gui.label.stacks import Stack, StackWish, analyse
from blasto_annotator.gui.widgets.pixels import grey_image, halvings

if TYPE_CHECKING:
    from blasto_annotator.imaging.adjust import Adjustments
    from blasto_annotator.imaging.decode import Grey

THREADS = 2
RAW_BYTES = 48_000_000
"""Decoded frames kept, nearly two hundred of 500x500."""
SHOWN_BYTES = 48_000_000
SMALL = 1_000
"""Bytes reckoned for an entry without pixels."""


@dataclass(frozen=True)
class Picture:
    """A frame ready for the screen, with the content hash of the bytes it was decoded from."""

    frame_id: int
    sha256: str
    image: QImage
    shown_for: int
    """The number of the settings (project, adjustments) that it was made for."""
    smaller: tuple[QImage, ...] = ()
    """Halved again and again, for painting it small."""


@dataclass(frozen=True)
class Stacked:
    """A moment's planes compared, and fused where that was wanted, ready for the screen."""

    key: tuple[int, ...]
    """The frames' ids."""
    sharpest: Frame | None
    used: tuple[Frame, ...]
    picture: Picture | None
    """The picture of extended focus; its hash is empty, since no file holds it."""
    shown_for: int


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


@dataclass(frozen=True)
class _Setting:
    """What a picture is made with; replaced as a whole, since threads read it while it changes."""

    number: int = 0
    source: int = 0
    """Counts the projects: frames of two may have the same id."""
    file: Callable[[Frame], Path] | None = None
    adjustments: Adjustments | None = None

    def path(self, frame: Frame) -> Path:
        """Where the frame's file lies."""
        if self.file is None:
            raise RuntimeError("a frame without a project")
        return self.file(frame)


class Images(QObject):
    """Delivers `Picture` or `Unreadable` on the GUI thread for the frames that are wanted now."""

    ready = Signal(object)
    stacked = Signal(object)
    _decoded_one = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._raw = Cache(RAW_BYTES)
        self._shown = Cache(SHOWN_BYTES)
        self._setting = _Setting()
        self._decoders = Crew[Frame]("decode", THREADS, self._show)
        self._fusers = Crew[StackWish]("planes", 1, self._stack)
        self._decoded_one.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.stop)  # no thread is cut off in the middle of a picture
        for crew in (self._decoders, self._fusers):
            self.destroyed.connect(lambda *_, c=crew: c.dismiss(), Qt.ConnectionType.DirectConnection)

    def set_files(self, file: Callable[[Frame], Path] | None) -> None:
        """How a frame's path is found; None forgets every picture."""
        now = self._setting
        self._setting = replace(now, number=now.number + 1, source=now.source + 1, file=file)
        self._decoders.want([])
        self._fusers.want([])
        self._raw.clear()
        self._shown.clear()

    def set_adjustments(self, adjustments: Adjustments | None) -> None:
        """How pictures are shown from now on; None shows them as they are."""
        now = self._setting
        if adjustments != now.adjustments:
            self._setting = replace(now, number=now.number + 1, adjustments=adjustments)
            self._shown.clear()

    def at_hand(self, frame: Frame) -> Picture | None:
        """The picture, where it is decoded already."""
        found = self._shown.get((frame.id, self._setting.number))
        return found if isinstance(found, Picture) else None

    def stack_at_hand(self, wish: StackWish) -> Stacked | None:
        """What is known of a moment's planes; with the picture where that is wanted."""
        found = self._shown.get((wish, self._setting.number))
        return found if isinstance(found, Stacked) else None

    def want(self, frames: Sequence[Frame]) -> None:
        """Decodes these, the first of them first; what was wanted before and is not begun is dropped."""
        self._decoders.want([frame for frame in frames if self.at_hand(frame) is None])

    def want_stacks(self, wishes: Sequence[StackWish]) -> None:
        """Compares and fuses the planes of these moments, on a thread of its own: no page waits for it."""
        self._fusers.want([wish for wish in wishes if self.stack_at_hand(wish) is None])

    def stop(self) -> None:
        """Ends the threads and waits for them."""
        self._decoders.stop()
        self._fusers.stop()

    def _deliver(self, result: Picture | Unreadable | Stacked | Exception) -> None:
        """From any thread; what comes after the window has gone is dropped."""
        with suppress(RuntimeError):  # Qt's object may go between the look and the sending
            if shiboken6.isValid(self):
                self._decoded_one.emit(result)

    def _pass_on(self, result: Picture | Unreadable | Stacked | Exception) -> None:
        if isinstance(result, Exception):
            report_error(self, result)
        elif result.shown_for == self._setting.number:
            (self.stacked if isinstance(result, Stacked) else self.ready).emit(result)

    def _show(self, frame: Frame) -> None:
        setting = self._setting
        key = (frame.id, setting.number)
        if setting.file is None or self._shown.get(key) is not None:
            return
        result: Picture | Unreadable
        try:
            grey, sha256 = self._decoded(frame, setting)
            result = _picture(frame.id, sha256, grey, setting)
            self._shown.put(key, result, _bytes(result))
        except Exception as error:  # noqa: BLE001  shown in the frame's place; a bug goes on to the crash dialog
            result = Unreadable(frame.id, error, setting.number)
        self._deliver(result)

    def _stack(self, wish: StackWish) -> None:
        setting = self._setting
        if setting.file is None:
            return
        try:
            found = self._analysed(wish, setting)
            fused = found.composite
            picture = _picture(0, "", fused, setting) if fused is not None else None
            result = Stacked(wish.key, found.sharpest, found.used, picture, setting.number)
            self._shown.put((wish, setting.number), result, _bytes(picture) if picture is not None else SMALL)
            self._deliver(result)
        except Exception as error:  # noqa: BLE001  a bug: goes on to the crash dialog
            self._deliver(error)

    def _analysed(self, wish: StackWish, setting: _Setting) -> Stack:
        key = (wish, setting.source)
        known = self._raw.get(key)
        if isinstance(known, Stack):
            return known
        found = analyse(wish, lambda frame: self._decoded(frame, setting)[0])
        self._raw.put(key, found, found.composite.nbytes if found.composite is not None else SMALL)
        return found

    def _decoded(self, frame: Frame, setting: _Setting) -> tuple[Grey, str]:
        key = (frame.id, setting.source)
        known = self._raw.get(key)
        if known is None:
            known = decode(setting.path(frame))
            self._raw.put(key, known, known[0].nbytes)
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


def _picture(frame_id: int, sha256: str, grey: Grey, setting: _Setting) -> Picture:
    if setting.adjustments is not None:
        from blasto_annotator.imaging.adjust import apply

        grey = apply(grey, setting.adjustments)
    smaller = tuple(grey_image(level) for level in halvings(grey))
    return Picture(frame_id, sha256, grey_image(grey), setting.number, smaller)


def _bytes(picture: Picture) -> int:
    return picture.image.sizeInBytes() + sum(level.sizeInBytes() for level in picture.smaller)
