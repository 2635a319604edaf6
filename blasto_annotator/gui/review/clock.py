"""How long an image is looked at before its verdict."""

from __future__ import annotations

import time


class LookClock:
    """Counts from an image's first paint; looking at it again goes on counting from there."""

    def __init__(self) -> None:
        self._position = -1
        self._since = 0.0
        self._before: dict[int, float] = {}

    def start(self, position: int) -> None:
        """The image at `position` is on screen."""
        if position == self._position:
            return
        if self._position >= 0:
            self._before[self._position] = self.seconds(self._position) or 0.0
        self._position, self._since = position, time.monotonic()

    def stop(self) -> None:
        """Nothing is on screen any more; what was looked at so far is kept."""
        if self._position >= 0:
            self._before[self._position] = self.seconds(self._position) or 0.0
        self._position = -1

    def restore(self, position: int, seconds: float) -> None:
        """An image was looked at so long before, in another sitting."""
        self._before[position] = seconds

    def seconds(self, position: int) -> float | None:
        """Time that the image was on screen; None where it never was."""
        if position == self._position:
            return round(self._before.get(position, 0.0) + time.monotonic() - self._since, 3)
        return self._before.get(position)
