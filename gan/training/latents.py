"""Latent vectors by seed, as users of the official tools know them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch


def latents(seeds: Sequence[int], z_dim: int) -> torch.Tensor:
    """z [N, z_dim], float32: row i is `numpy.random.RandomState(seeds[i]).randn(1, z_dim)`.

    Seeds are whole numbers from 0 to 2**32 - 1.
    """
    rows = [np.random.RandomState(seed).randn(1, z_dim) for seed in seeds]
    return torch.from_numpy(np.concatenate(rows).astype(np.float32))
