"""The session's images as the screen shows them: read off the GUI thread, the next ones ahead."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.widgets.pixels import enlarged, grey_image
from blasto_annotator.imaging.adjust import Adjustments, apply

KEPT, KEPT_SMALL = 40, 600
"""Enlarged images that are kept, and such as they are."""
LEAST_SIDE = 768
"""Small images are enlarged to about this many pixels, so that zooming stays crisp or smooth as chosen."""

Key = tuple[int, bool, Adjustments]
"""Position, smooth or not, and how it is adjusted."""
Load = Callable[[int], NDArray[np.uint8]]


class Pictures(QObject):
    """A cache of enlarged images by position."""

    ready = Signal(int)
    failed = Signal(int, str)

    def __init__(self, load: Load, total: int, parent: QObject, least_side: int = LEAST_SIDE) -> None:
        super().__init__(parent)
        self._load = load
        self._total = total
        self._least_side = least_side
        self._most = KEPT if least_side else KEPT_SMALL
        self._kept: OrderedDict[Key, QImage] = OrderedDict()
        self._greys: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()
        """As read: an adjustment takes as long for a frame that is slow to read as for any other."""
        self._reading = threading.Lock()
        self._missing: set[int] = set()
        """Positions whose image could not be read."""
        self._asked: set[Key] = set()
        self.smooth = True
        """Bicubic enlargement; False repeats pixels."""
        self.adjustments = Adjustments()
        """Brightness, contrast and the like, as shown; the files never change."""

    def get(self, position: int) -> QImage | None:
        """The image, or None and `ready` later. One that failed is read again by `expect`."""
        found = self._kept.get(self._key(position))
        if found is not None:
            self._kept.move_to_end(self._key(position))
        elif position not in self._missing:
            self._ask(position)
        return found

    def pending(self, position: int) -> bool:
        """Whether an image is not there yet, and has not failed either."""
        return position not in self._missing and self._key(position) not in self._kept

    def expect(self, positions: range) -> None:
        """Reads these ahead."""
        for position in positions:
            if 0 <= position < self._total and self._key(position) not in self._kept:
                self._ask(position)

    def _ask(self, position: int) -> None:
        key = self._key(position)
        if key in self._asked:
            return
        self._asked.add(key)
        run_op(
            self,
            lambda: grey_image(
                enlarged(apply(self._grey(position), key[2]), self._least_side, smooth=key[1])
            ),
            lambda image: self._keep(key, image),
            lambda error: self._miss(key, error),
            serial=False,
        )

    def _grey(self, position: int) -> NDArray[np.uint8]:
        with self._reading:
            found = self._greys.get(position)
        if found is None:
            found = self._load(position)
            with self._reading:
                self._greys[position] = found
                while len(self._greys) > self._most:
                    self._greys.popitem(last=False)
        return found

    def _key(self, position: int) -> Key:
        return position, self.smooth, self.adjustments

    def _keep(self, key: Key, image: QImage) -> None:
        self._asked.discard(key)
        self._missing.discard(key[0])
        self._kept[key] = image
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        if key == self._key(key[0]):
            self.ready.emit(key[0])

    def _miss(self, key: Key, error: Exception) -> None:
        self._asked.discard(key)
        self._missing.add(key[0])
        self.failed.emit(key[0], str(error))
