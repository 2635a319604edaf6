"""The two controllers that steer training: augmentation strength and weight averaging."""

from __future__ import annotations

import torch
from torch import nn


def next_p(
    p: torch.Tensor,
    mean_sign: torch.Tensor,
    *,
    target: float,
    images: int,
    ada_kimg: float,
    p_max: float | None = None,
) -> torch.Tensor:
    """The augmentation probability after an adjustment (Karras et al. 2020, ADA, section 3.1).

    Args:
        p: scalar, 0 or more.
        mean_sign: mean sign of the discriminator's logits of real images since the last adjustment.
        target: p rises where the mean is above it, falls below it and stays at it.
        images: real images shown between adjustments.
        ada_kimg: thousands of images in which p can move by one.
        p_max: the most that p may become; None sets no bound.
    """
    step = images / (ada_kimg * 1000) if ada_kimg > 0 else 1.0
    return (p + (mean_sign - target).sign() * step).clamp(min=0.0, max=p_max)


def ema_beta(batch: int, seen_images: int, ema_kimg: float, rampup: float | None) -> float:
    """Share of the old averaged weights that a step keeps.

    Args:
        batch: images a step.
        seen_images: real images shown before the step.
        ema_kimg: half-life in thousands of images.
        rampup: bounds the half-life by this share of the images seen; None or 0 sets no bound.
    """
    half_life = ema_kimg * 1000
    if rampup:
        half_life = min(half_life, seen_images * rampup)
    return float(0.5 ** (batch / max(half_life, 1e-8)))


@torch.no_grad()
def average_weights(averaged: nn.Module, current: nn.Module, beta: float) -> None:
    """Keeps the share `beta` of averaged parameters; the rest, and all buffers, are the current ones."""
    for kept, parameter in zip(averaged.parameters(), current.parameters(), strict=True):
        kept.lerp_(parameter, 1 - beta)
    for copied, buffer in zip(averaged.buffers(), current.buffers(), strict=True):
        copied.copy_(buffer)
