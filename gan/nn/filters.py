"""Finite impulse response filters for resampling."""

from __future__ import annotations

from collections.abc import Sequence

import torch

SEPARABLE_FROM = 8
"""A one-dimensional filter of this many taps or more is applied along each axis in turn."""

Taps = Sequence[float] | Sequence[Sequence[float]] | torch.Tensor


def setup_filter(
    taps: Taps | None,
    *,
    normalize: bool = True,
    flip: bool = False,
    gain: float = 1.0,
    separable: bool | None = None,
) -> torch.Tensor:
    """A filter ready for `upfirdn2d`.

    Args:
        taps: one row of taps, a table [height, width], or None for the identity.
        normalize: makes the taps sum to 1.
        flip: turns the filter round.
        gain: of the signal; a separable filter carries its square root, for it is applied twice.
        separable: keeps one row of taps as it is; by default rows of 8 taps or more.

    Returns:
        float32 [taps] (separable) or [height, width].

    Raises:
        ValueError: the taps are neither a row nor a table.
    """
    f = torch.as_tensor(1.0 if taps is None else taps, dtype=torch.float32)
    f = f.reshape(1) if f.ndim == 0 else f
    if f.ndim not in (1, 2) or f.numel() == 0:
        raise ValueError(f"a filter is a row or a table of taps, not of shape {tuple(f.shape)}")
    keep_row = f.numel() >= SEPARABLE_FROM if separable is None else separable
    if f.ndim == 1 and not keep_row:
        f = f.outer(f)
    if normalize:
        f = f / f.sum()
    if flip:
        f = f.flip(list(range(f.ndim)))
    scaled: torch.Tensor = f * gain ** (f.ndim / 2)
    return scaled


def filter_size(f: torch.Tensor | None) -> tuple[int, int]:
    """Width and height of a filter (1 by 1 without one)."""
    if f is None:
        return 1, 1
    return f.shape[-1], f.shape[0]
