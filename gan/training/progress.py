"""What a run measures of itself: means of losses, pace, and what is due."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

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


class Due:
    """Something that is done each time a count grows by `every`; multiples of it, so a resume keeps step."""

    def __init__(self, every: float, count: float) -> None:
        self._every = every
        self._done = int(count // every)

    def reached(self, count: float) -> bool:
        """Whether a multiple of `every` lies between the last `count` that was due and this one."""
        if int(count // self._every) <= self._done:
            return False
        self._done = int(count // self._every)
        return True
