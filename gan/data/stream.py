"""Batches of real images for the trainer."""

from __future__ import annotations

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


class BatchStream:
    """Endless batches of a data set; which images come is a function of the position alone."""

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

    def at(self, position: int, count: int) -> Batch:
        """`count` images, `position` having been shown before; item n + i is item i mirrored."""
        items = self._order.at(position, count)
        numbers = items % len(self._images)
        pixels = torch.from_numpy(self._images.pixels[numbers]).to(self._device)
        mirrored = torch.from_numpy(items >= len(self._images)).to(self._device).view(-1, 1, 1, 1)
        images = pixels.to(torch.float32) / 127.5 - 1
        images = torch.where(mirrored, images.flip(3), images)
        return Batch(images, self._labels[torch.from_numpy(numbers).to(self._device)])

    def draw_labels(self, count: int, rng: torch.Generator) -> torch.Tensor:
        """Class indices [count] from the distribution in which the images are shown."""
        if self._weights is None:
            drawn = torch.randint(len(self._labels), (count,), generator=rng, device=self._device)
        else:
            drawn = torch.multinomial(self._weights, count, replacement=True, generator=rng)
        return self._labels[drawn]
