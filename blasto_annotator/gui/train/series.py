"""A curve over kimg that can go back in time (a resumed run repeats what it lost) and stays small."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

MOST_POINTS = 4000


@dataclass
class Series:
    """Values over kimg, in rising order of kimg."""

    kimg: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, kimg: float, value: float) -> None:
        """Adds a point; points at or behind it are from a sitting that was lost, and go."""
        self.rewind(kimg, keep_equal=False)
        self.kimg.append(kimg)
        self.values.append(value)
        if len(self.kimg) > MOST_POINTS:
            self._halve()

    def rewind(self, kimg: float, keep_equal: bool = True) -> None:
        """Forgets the points beyond `kimg`."""
        while self.kimg and (self.kimg[-1] > kimg or (self.kimg[-1] == kimg and not keep_equal)):
            self.kimg.pop()
            self.values.pop()

    def at(self, kimg: float) -> float | None:
        """The newest value at or before `kimg`."""
        index = bisect_right(self.kimg, kimg) - 1
        return self.values[index] if index >= 0 else None

    def copy(self) -> Series:
        """A copy that another thread may keep."""
        return Series(list(self.kimg), list(self.values))

    def _halve(self) -> None:
        """Keeps every second point of the older half: the newest stay as they are."""
        half = len(self.kimg) // 2
        self.kimg = self.kimg[:half:2] + self.kimg[half:]
        self.values = self.values[:half:2] + self.values[half:]
