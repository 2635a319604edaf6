"""Minibatch standard deviation (Karras et al. 2018, section 3)."""

from __future__ import annotations

import torch

EPSILON = 1e-8


def minibatch_std(x: torch.Tensor, group_size: int | None, num_channels: int = 1) -> torch.Tensor:
    """Appends maps that tell how much the images of a group differ.

    Args:
        x: [N, C, H, W]; C a multiple of `num_channels`.
        group_size: images a group; None takes the whole batch. Where N is no multiple of it, the largest
            smaller size that divides N is used.
        num_channels: maps to append.

    Returns:
        [N, C + num_channels, H, W]. Image n belongs to the group of all images with the same n modulo
        the number of groups.
    """
    n, c, h, w = x.shape
    size = whole_groups(n, group_size)
    y = x.reshape(size, n // size, num_channels, c // num_channels, h, w).float()
    deviation = (y - y.mean(dim=0)).square().mean(dim=0).add(EPSILON).sqrt()
    value = deviation.mean(dim=(2, 3, 4)).to(x.dtype)
    maps = value.reshape(n // size, num_channels, 1, 1).repeat(size, 1, h, w)
    return torch.cat([x, maps], dim=1)


def whole_groups(n: int, wanted: int | None) -> int:
    """Images a group in a batch of n: as wanted (None: all), or the largest smaller number that divides n."""
    size = n if wanted is None else min(wanted, n)
    return next(g for g in range(size, 0, -1) if n % g == 0)
