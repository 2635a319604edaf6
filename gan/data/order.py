"""The order in which images are shown: endless, shuffled by epoch, the same for the same seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


class DataOrder:
    """An endless sequence of item numbers; any position can be asked for, so nothing needs saving but it.

    Without weights each epoch shows every item once. With weights an epoch of n shows item i either
    floor or ceil of n * w_i / sum(w) times (systematic sampling), in random order.
    """

    def __init__(self, items: int, seed: int, weights: npt.NDArray[np.float64] | None = None) -> None:
        self._items = items
        self._seed = seed % 2**32
        self._shares = None if weights is None else np.cumsum(weights / weights.sum())
        self._epoch = -1
        self._current: Indices = np.empty(0, dtype=np.int64)

    def at(self, position: int, count: int) -> Indices:
        """The item numbers [count] from `position` (items shown before) on."""
        parts: list[Indices] = []
        while count:
            epoch, offset = divmod(position, self._items)
            part = self._shuffled(epoch)[offset : offset + count]
            parts.append(part)
            position, count = position + len(part), count - len(part)
        return np.concatenate(parts)

    def _shuffled(self, epoch: int) -> Indices:
        if epoch != self._epoch:
            # RandomState: its streams are frozen by numpy's promise, so a resume survives an upgrade
            random = np.random.RandomState([self._seed, epoch % 2**32])
            self._current = random.permutation(self._chosen(random)).astype(np.int64)
            self._epoch = epoch
        return self._current

    def _chosen(self, random: np.random.RandomState) -> Indices:
        if self._shares is None:
            return np.arange(self._items, dtype=np.int64)
        points = (random.random_sample() + np.arange(self._items)) / self._items
        return np.minimum(np.searchsorted(self._shares, points, side="right"), self._items - 1)
