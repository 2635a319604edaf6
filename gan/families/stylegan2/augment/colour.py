"""Brightness, contrast, luma flip, hue and saturation as one affine map of colour (ADA, appendix B.4)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from gan.families.stylegan2.augment.numbers import gated, normal, uniform
from gan.families.stylegan2.augment.pipes import AugmentSettings


class ColourParameters(NamedTuple):
    """One value an image [N]."""

    brightness: torch.Tensor
    """Added."""
    contrast: torch.Tensor
    """Factor."""
    luma_flip: torch.Tensor
    """1 reflects across the plane orthogonal to the grey axis, 0 does not."""
    hue: torch.Tensor
    """Rotation about the grey axis, radians."""
    saturation: torch.Tensor
    """Factor of the distance from the grey axis."""


def draw_colour(
    settings: AugmentSettings, n: int, channels: int, p: torch.Tensor | float, rng: torch.Generator
) -> ColourParameters:
    """Parameters for n images at overall probability p; grey images keep hue and saturation."""
    s, turn = settings, settings.hue_max * math.pi
    coloured = 1.0 if channels > 1 else 0.0
    return ColourParameters(
        brightness=gated(normal(n, 1, rng, s.brightness_std), 0, p * s.brightness, rng)[:, 0],
        contrast=gated(normal(n, 1, rng, s.contrast_std).exp2(), 1, p * s.contrast, rng)[:, 0],
        luma_flip=gated(uniform(n, 1, rng, 0, 2).floor(), 0, p * s.lumaflip, rng)[:, 0],
        hue=gated(uniform(n, 1, rng, -turn, turn), 0, p * s.hue * coloured, rng)[:, 0],
        saturation=gated(normal(n, 1, rng, s.saturation_std).exp2(), 1, p * s.saturation * coloured, rng)[
            :, 0
        ],
    )


def colour_matrix(parameters: ColourParameters) -> torch.Tensor:
    """[N, 4, 4] maps of (red, green, blue, 1)."""
    q = parameters
    identity = torch.eye(4, device=q.brightness.device)
    axis = torch.tensor([1.0, 1.0, 1.0, 0.0], device=q.brightness.device) / math.sqrt(3)
    grey = axis.outer(axis)
    result = identity.repeat(len(q.brightness), 1, 1)
    result[:, :3, 3] = q.brightness[:, None]
    result = torch.diag_embed(torch.stack([q.contrast] * 3 + [torch.ones_like(q.contrast)], dim=1)) @ result
    result = (identity - 2 * grey * q.luma_flip[:, None, None]) @ result
    result = _about_grey(q.hue, identity, grey) @ result
    return (grey + (identity - grey) * q.saturation[:, None, None]) @ result


def apply_colour(images: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Images [N, C, H, W] under maps [N, 4, 4]; a grey image takes the mean of the three rows.

    Raises:
        ValueError: neither one nor three channels.
    """
    n, channels, height, width = images.shape
    if channels == 3:
        flat = torch.baddbmm(matrix[:, :3, 3:], matrix[:, :3, :3], images.reshape(n, 3, height * width))
        return flat.reshape(images.shape)
    if channels != 1:
        raise ValueError(f"colour augmentation needs one or three channels, not {channels}")
    row = matrix[:, :3].mean(dim=1)
    scale, offset = row[:, :3].sum(dim=1), row[:, 3]
    return torch.addcmul(offset[:, None, None, None], images, scale[:, None, None, None])


def _about_grey(angle: torch.Tensor, identity: torch.Tensor, grey: torch.Tensor) -> torch.Tensor:
    """Rodrigues' rotation about the grey axis."""
    x = 1 / math.sqrt(3)
    cross = grey.new_tensor([[0, -x, x, 0], [x, 0, -x, 0], [-x, x, 0, 0], [0, 0, 0, 0]])
    c, s = angle.cos()[:, None, None], angle.sin()[:, None, None]
    rotated = grey + (identity - grey) * c + cross * s
    rotated[:, 3, 3] = 1
    return rotated
