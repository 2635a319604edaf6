"""Adaptive discriminator augmentation (Karras et al. 2020, "Training generative adversarial networks with
limited data", appendix B): geometry, colour, image filter, noise, cutout, in this order."""

from __future__ import annotations

import torch

from gan.families.stylegan2.augment.bands import apply_bands, draw_band_gains
from gan.families.stylegan2.augment.colour import apply_colour, colour_matrix, draw_colour
from gan.families.stylegan2.augment.corruption import apply_cutout, apply_noise, draw_cutout, draw_sigma
from gan.families.stylegan2.augment.geometry import draw_geometry, geometry_matrix
from gan.families.stylegan2.augment.pipes import PIPES, AugmentSettings, parse_pipe
from gan.families.stylegan2.augment.warping import warp

__all__ = ["PIPES", "AugmentSettings", "augment", "parse_pipe"]


def augment(
    images: torch.Tensor, settings: AugmentSettings, p: torch.Tensor | float, rng: torch.Generator
) -> torch.Tensor:
    """Images [N, C, H, W] in [-1, 1], each transformed at random.

    Args:
        settings: which transforms, and how strong.
        p: overall probability; the probability of a transform is p times its share.
        rng: every draw comes from here; on the images' device.
    """
    n, channels, height, width = images.shape
    if settings.geometric:
        images = warp(images, geometry_matrix(draw_geometry(settings, n, p, rng), width, height))
    if settings.coloured:
        images = apply_colour(images, colour_matrix(draw_colour(settings, n, channels, p, rng)))
    if settings.imgfilter > 0:
        images = apply_bands(images, draw_band_gains(settings, n, p, rng))
    if settings.noise > 0:
        field = torch.randn(images.shape, generator=rng, device=images.device)
        images = apply_noise(images, draw_sigma(settings, n, p, rng), field)
    if settings.cutout > 0:
        images = apply_cutout(images, draw_cutout(settings, n, p, rng))
    return images
