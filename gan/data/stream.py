"""Batches of real images for the trainer, made ready while the step before them is computed."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from gan.data.images import ImageSet
from gan.data.order import DataOrder


@dataclass(frozen=True)
class Batch:
    """Real images and their classes."""

    images: torch.Tensor
    """[N, C, H, W], float32 in [-1, 1], on the device."""
    labels: torch.Tensor
    """Class indices [N], int64, on the device."""


@dataclass(frozen=True)
class _Gathered:
    """A batch in the machine's memory."""

    pixels: torch.Tensor
    """[N, C, H, W], uint8."""
    mirrored: torch.Tensor
    """[N], bool."""
    labels: torch.Tensor
    """[N], int64."""


class BatchStream:
    """Endless batches of a data set; which images come is a function of the position alone.

    A thread of its own gathers the next batch, from memory or from the mapped file, while the trainer works
    on this one; on CUDA it lies ready in pinned memory.
    """

    def __init__(self, images: ImageSet, seed: int, mirror: bool, device: torch.device) -> None:
        self._images = images
        self._device = device
        items = len(images) * (2 if mirror else 1)
        weights = images.weights
        if mirror and weights is not None:
            weights = np.tile(weights, 2)
        self._order = DataOrder(items, seed, weights)
        self._labels = torch.from_numpy(images.labels).to(device)
        self._weights = None
        if images.weights is not None:
            self._weights = torch.from_numpy(images.weights).float().to(device)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="data")
        self._ahead: tuple[tuple[int, int], Future[_Gathered]] | None = None
        self.waited = 0.0
        """Seconds that `at` took so far."""

    def at(self, position: int, count: int) -> Batch:
        """`count` images, `position` having been shown before; item n + i is item i mirrored."""
        began = time.perf_counter()
        gathered = self._taken(position, count)
        self._ahead = self._asked(position + count, count)
        batch = self._on_device(gathered)
        self.waited += time.perf_counter() - began
        return batch

    def draw_labels(self, count: int, rng: torch.Generator) -> torch.Tensor:
        """Class indices [count] from the distribution in which the images are shown."""
        if self._weights is None:
            drawn = torch.randint(len(self._labels), (count,), generator=rng, device=self._device)
        else:
            drawn = torch.multinomial(self._weights, count, replacement=True, generator=rng)
        return self._labels[drawn]

    def _taken(self, position: int, count: int) -> _Gathered:
        wanted, ahead = (position, count), self._ahead
        asked = ahead if ahead is not None and ahead[0] == wanted else self._asked(position, count)
        return asked[1].result()

    def _asked(self, position: int, count: int) -> tuple[tuple[int, int], Future[_Gathered]]:
        return (position, count), self._thread.submit(self._gather, position, count)

    def _gather(self, position: int, count: int) -> _Gathered:
        """Always in the one thread, to which the order belongs."""
        items = self._order.at(position, count)
        numbers = items % len(self._images)
        return _Gathered(
            self._ready(self._images.pixels[numbers]),
            self._ready(items >= len(self._images)),
            self._ready(self._images.labels[numbers]),
        )

    def _ready(self, values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> torch.Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        return tensor.pin_memory() if self._device.type == "cuda" else tensor

    def _on_device(self, gathered: _Gathered) -> Batch:
        def moved(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.to(self._device, non_blocking=True)

        images = moved(gathered.pixels).to(torch.float32) / 127.5 - 1
        mirrored = moved(gathered.mirrored).view(-1, 1, 1, 1)
        return Batch(torch.where(mirrored, images.flip(3), images), moved(gathered.labels))
