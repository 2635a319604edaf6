"""What a run measures of itself: means of losses, pace, and what is due."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Protocol

import torch


class Means:
    """Means of named values since the last `clear`, gathered on the device without waiting for it."""

    def __init__(self) -> None:
        self._sums: dict[str, torch.Tensor | float] = {}
        self._counts: dict[str, int] = {}

    def add(self, values: Mapping[str, torch.Tensor | float]) -> None:
        """Adds one step's values, each a scalar; a value may be absent in some steps."""
        for name, value in values.items():
            number = value.detach().float() if isinstance(value, torch.Tensor) else float(value)
            self._sums[name] = self._sums.get(name, 0.0) + number
            self._counts[name] = self._counts.get(name, 0) + 1

    def values(self) -> dict[str, float]:
        """The means; waits for the device."""
        return {name: float(value) / self._counts[name] for name, value in self._sums.items()}

    def clear(self) -> None:
        """Begins anew."""
        self._sums.clear()
        self._counts.clear()


class Pace:
    """Seconds a kimg as a moving average over the last minute (and at least ten marks)."""

    def __init__(self, window_seconds: float = 60.0, least_marks: int = 10) -> None:
        self._window = window_seconds
        self._least = least_marks
        self._marks: deque[tuple[float, int]] = deque()

    def mark(self, now: float, seen_images: int) -> None:
        """Notes that `seen_images` had been shown at `now` (seconds)."""
        self._marks.append((now, seen_images))
        while len(self._marks) > self._least and now - self._marks[1][0] >= self._window:
            self._marks.popleft()

    def seconds_per_kimg(self) -> float | None:
        """None until images have been shown between two marks."""
        if not self._marks:
            return None
        (start, before), (end, after) = self._marks[0], self._marks[-1]
        return (end - start) / (after - before) * 1000 if after > before else None


class Waiting(Protocol):
    """Whatever a step waits for."""

    waited: float
    """Seconds so far."""


class DataWait:
    """The share of the steps' time that is spent waiting for data."""

    def __init__(self, stream: Waiting) -> None:
        self._stream = stream
        self._waited = stream.waited
        self._begun = self._seconds = 0.0

    def begin(self) -> None:
        """A step, or waiting for the device's results, begins."""
        self._begun = time.perf_counter()

    def end(self) -> None:
        """It ends."""
        self._seconds += time.perf_counter() - self._begun

    def share(self) -> float | None:
        """0 to 1 since it was last asked for; None without a step."""
        waited, self._waited = self._stream.waited - self._waited, self._stream.waited
        seconds, self._seconds = self._seconds, 0.0
        return round(waited / seconds, 5) if seconds > 0 else None


class Ceiling:
    """Tells when a value has come to its cap: once, and again after it has left it."""

    def __init__(self, cap: float | None, before: float | None) -> None:
        self._cap = cap
        self._there = self._at_cap(before)

    def reached(self, value: float | None) -> bool:
        """Whether `value` is at the cap and the one before was not."""
        before, self._there = self._there, self._at_cap(value)
        return self._there and not before

    def _at_cap(self, value: float | None) -> bool:
        """A mean over a tick is a little less."""
        return self._cap is not None and value is not None and value >= 0.999 * self._cap


class Due:
    """Something that is done at each multiple of so many kimg, so that a resume keeps step; 0: never."""

    def __init__(self, every_kimg: float, seen_images: int) -> None:
        # whole images: multiples of 0.004 are not exact
        self._every = max(round(every_kimg * 1000), 1) if every_kimg > 0 else 2**62
        self._done = seen_images // self._every

    def reached(self, seen_images: int) -> bool:
        """Whether a multiple was passed since it was last due."""
        before, self._done = self._done, seen_images // self._every
        return self._done > before
