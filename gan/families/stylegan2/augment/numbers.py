"""Random numbers for augmentation, all from one generator."""

from __future__ import annotations

import torch


def uniform(n: int, columns: int, rng: torch.Generator, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """[n, columns] between low and high."""
    return torch.rand(n, columns, generator=rng, device=rng.device) * (high - low) + low


def normal(n: int, columns: int, rng: torch.Generator, std: float = 1.0) -> torch.Tensor:
    """[n, columns] with mean 0."""
    return torch.randn(n, columns, generator=rng, device=rng.device) * std


def gated(value: torch.Tensor, neutral: float, p: torch.Tensor | float, rng: torch.Generator) -> torch.Tensor:
    """Rows of `value` [n, columns] with probability p, `neutral` otherwise."""
    chosen = torch.rand(len(value), 1, generator=rng, device=rng.device) < p
    return torch.where(chosen, value, neutral)
