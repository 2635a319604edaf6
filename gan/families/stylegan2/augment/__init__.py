"""Adaptive discriminator augmentation (Karras et al. 2020, "Training generative adversarial networks with
limited data", appendix B): geometry, colour, image filter, noise, cutout, in this order."""

from __future__ import annotations

import torch

from gan.families.stylegan2.augment.draws import AugmentDraws, draw_augment
from gan.families.stylegan2.augment.pipes import PIPES, AugmentSettings, parse_pipe

__all__ = ["PIPES", "AugmentDraws", "AugmentSettings", "augment", "draw_augment", "parse_pipe"]


def augment(
    images: torch.Tensor, settings: AugmentSettings, p: torch.Tensor | float, rng: torch.Generator
) -> torch.Tensor:
    """Images [N, C, H, W] in [-1, 1], each transformed at random.

    Args:
        settings: which transforms, and how strong.
        p: overall probability; the probability of a transform is p times its share.
        rng: every draw comes from here; on the images' device.
    """
    return draw_augment(settings, images.shape, p, rng)(images)
