"""Noise and cutout (ADA, appendix B.6)."""

from __future__ import annotations

from typing import NamedTuple

import torch

from gan.families.stylegan2.augment.numbers import gated, normal, uniform
from gan.families.stylegan2.augment.pipes import AugmentSettings


class Cutout(NamedTuple):
    """A rectangle that becomes zero; sizes and positions in image sizes, (x, y)."""

    size: torch.Tensor
    """[N, 2]."""
    centre: torch.Tensor
    """[N, 2] in 0 to 1."""


def draw_sigma(
    settings: AugmentSettings, n: int, p: torch.Tensor | float, rng: torch.Generator
) -> torch.Tensor:
    """Standard deviations of the noise [n]."""
    return gated(normal(n, 1, rng, settings.noise_std).abs(), 0, p * settings.noise, rng)[:, 0]


def apply_noise(images: torch.Tensor, sigma: torch.Tensor, field: torch.Tensor) -> torch.Tensor:
    """Images [N, C, H, W] plus sigma [N] times a normal field of their shape."""
    return torch.addcmul(images, field, sigma[:, None, None, None])


def draw_cutout(settings: AugmentSettings, n: int, p: torch.Tensor | float, rng: torch.Generator) -> Cutout:
    """A square for each of n images."""
    side = torch.full((n, 1), settings.cutout_size, device=rng.device)
    size = gated(side, 0, p * settings.cutout, rng).expand(n, 2)
    return Cutout(size, uniform(n, 2, rng))


def apply_cutout(images: torch.Tensor, cutout: Cutout) -> torch.Tensor:
    """Images [N, C, H, W] with the rectangle set to zero."""
    height, width = images.shape[2:]
    outside_x = _outside(width, cutout.size[:, :1], cutout.centre[:, :1])
    outside_y = _outside(height, cutout.size[:, 1:], cutout.centre[:, 1:])
    kept = outside_x[:, None, :] | outside_y[:, :, None]
    return images * kept[:, None].to(images.dtype)


def _outside(pixels: int, size: torch.Tensor, centre: torch.Tensor) -> torch.Tensor:
    """[N, pixels] whether a pixel's centre lies outside."""
    position = (torch.arange(pixels, device=size.device) + 0.5) / pixels
    return (position - centre).abs() >= size / 2
