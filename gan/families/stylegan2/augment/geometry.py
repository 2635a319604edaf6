"""Flips, rotations, scalings and shifts as one affine map for each image (ADA, appendix B.1 to B.3)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch

from gan.families.stylegan2.augment.numbers import gated, normal, uniform
from gan.families.stylegan2.augment.pipes import AugmentSettings


class GeometryParameters(NamedTuple):
    """One row an image; the neutral value leaves it as it is."""

    flip: torch.Tensor
    """[N] 1 mirrors left and right, 0 does not."""
    quarter_turns: torch.Tensor
    """[N] 0 to 3."""
    whole_shift: torch.Tensor
    """[N, 2] (x, y) in image sizes; rounded to whole pixels."""
    scale: torch.Tensor
    """[N] factor."""
    angle_before: torch.Tensor
    """[N] radians, before the anisotropic scaling."""
    stretch: torch.Tensor
    """[N] factor of the width; the height takes its inverse."""
    angle_after: torch.Tensor
    """[N] radians."""
    shift: torch.Tensor
    """[N, 2] (x, y) in image sizes."""


def draw_geometry(
    settings: AugmentSettings, n: int, p: torch.Tensor | float, rng: torch.Generator
) -> GeometryParameters:
    """Parameters for n images at overall probability p."""
    s, p = settings, torch.as_tensor(p, device=rng.device)
    # either rotation happens with probability p, both together included
    p_rotate = 1 - (1 - p * s.rotate).clamp(0, 1).sqrt()
    turn = s.rotate_max * math.pi
    return GeometryParameters(
        flip=gated(uniform(n, 1, rng, 0, 2).floor(), 0, p * s.xflip, rng)[:, 0],
        quarter_turns=gated(uniform(n, 1, rng, 0, 4).floor(), 0, p * s.rotate90, rng)[:, 0],
        whole_shift=gated(uniform(n, 2, rng, -s.xint_max, s.xint_max), 0, p * s.xint, rng),
        scale=gated(normal(n, 1, rng, s.scale_std).exp2(), 1, p * s.scale, rng)[:, 0],
        angle_before=gated(uniform(n, 1, rng, -turn, turn), 0, p_rotate, rng)[:, 0],
        stretch=gated(normal(n, 1, rng, s.aniso_std).exp2(), 1, p * s.aniso, rng)[:, 0],
        angle_after=gated(uniform(n, 1, rng, -turn, turn), 0, p_rotate, rng)[:, 0],
        shift=gated(normal(n, 2, rng, s.xfrac_std), 0, p * s.xfrac, rng),
    )


def geometry_matrix(parameters: GeometryParameters, width: int, height: int) -> torch.Tensor:
    """[N, 3, 3] maps from output pixel to input pixel, (x, y, 1) with the origin at the image's centre."""
    q = parameters
    size = q.shift.new_tensor([width, height])
    result = _scaling(1 - 2 * q.flip, torch.ones_like(q.flip))
    for step in (
        _rotation(q.quarter_turns * (math.pi / 2)),
        _translation(-(q.whole_shift * size).round()),
        _scaling(1 / q.scale, 1 / q.scale),
        _rotation(q.angle_before),
        _scaling(1 / q.stretch, q.stretch),
        _rotation(q.angle_after),
        _translation(-q.shift * size),
    ):
        result = result @ step
    return result


def _scaling(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.diag_embed(torch.stack([x, y, torch.ones_like(x)], dim=1))


def _rotation(angle: torch.Tensor) -> torch.Tensor:
    c, s = angle.cos(), angle.sin()
    zero, one = torch.zeros_like(c), torch.ones_like(c)
    return torch.stack([c, -s, zero, s, c, zero, zero, zero, one], dim=1).reshape(-1, 3, 3)


def _translation(shift: torch.Tensor) -> torch.Tensor:
    result = torch.eye(3, device=shift.device).repeat(len(shift), 1, 1)
    result[:, :2, 2] = shift
    return result
