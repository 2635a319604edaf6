"""Augmentation parameters with every random number at its percentile, as the reference numbers were made."""

from __future__ import annotations

import math

import torch

from gan.families.stylegan2.augment.bands import apply_bands, band_gains
from gan.families.stylegan2.augment.colour import ColourParameters, apply_colour, colour_matrix
from gan.families.stylegan2.augment.corruption import Cutout, apply_cutout
from gan.families.stylegan2.augment.geometry import GeometryParameters, geometry_matrix
from gan.families.stylegan2.augment.pipes import AugmentSettings
from gan.families.stylegan2.augment.warping import warp


def uniform(q: float, largest: float) -> float:
    return (2 * q - 1) * largest


def normal(q: float, std: float) -> float:
    """The reference's quantile: without the factor sqrt 2."""
    return float(torch.erfinv(torch.tensor(2 * q - 1))) * std


def geometry(s: AugmentSettings, q: float, n: int) -> GeometryParameters:
    """A transform that the settings leave out is neutral."""

    def row(on: float, value: float, neutral: float) -> torch.Tensor:
        return torch.full((n,), float(value if on > 0 else neutral))

    whole, part = (
        uniform(q, s.xint_max) if s.xint > 0 else 0.0,
        normal(q, s.xfrac_std) if s.xfrac > 0 else 0.0,
    )
    return GeometryParameters(
        flip=row(s.xflip, math.floor(2 * q), 0),
        quarter_turns=row(s.rotate90, math.floor(4 * q), 0),
        whole_shift=torch.full((n, 2), whole),
        scale=row(s.scale, 2 ** normal(q, s.scale_std), 1),
        angle_before=row(s.rotate, uniform(q, math.pi * s.rotate_max), 0),
        stretch=row(s.aniso, 2 ** normal(q, s.aniso_std), 1),
        angle_after=torch.zeros(n),
        shift=torch.full((n, 2), part),
    )


def colour(s: AugmentSettings, q: float, n: int, channels: int) -> ColourParameters:
    """Grey images keep hue and saturation."""

    def row(on: float, value: float, neutral: float) -> torch.Tensor:
        return torch.full((n,), float(value if on > 0 else neutral))

    coloured = float(channels > 1)
    return ColourParameters(
        brightness=row(s.brightness, normal(q, s.brightness_std), 0),
        contrast=row(s.contrast, 2 ** normal(q, s.contrast_std), 1),
        luma_flip=row(s.lumaflip, math.floor(2 * q), 0),
        hue=row(s.hue * coloured, uniform(q, math.pi * s.hue_max), 0),
        saturation=row(s.saturation * coloured, 2 ** normal(q, s.saturation_std), 1),
    )


def bands(s: AugmentSettings, q: float, n: int) -> torch.Tensor:
    return band_gains(torch.full((n, 4), 2 ** normal(q, s.imgfilter_std)))


def sigma(s: AugmentSettings, q: float, n: int) -> torch.Tensor:
    return torch.erfinv(torch.tensor(q)).expand(n) * s.noise_std


def cutout(s: AugmentSettings, q: float, n: int) -> Cutout:
    return Cutout(torch.full((n, 2), s.cutout_size), torch.full((n, 2), q))


def augment_at(images: torch.Tensor, s: AugmentSettings, q: float) -> torch.Tensor:
    """The whole pipe (noise excepted, for it needs a field)."""
    n, channels, height, width = images.shape
    if s.geometric:
        images = warp(images, geometry_matrix(geometry(s, q, n), width, height))
    if s.coloured:
        images = apply_colour(images, colour_matrix(colour(s, q, n, channels)))
    if s.imgfilter > 0:
        images = apply_bands(images, bands(s, q, n))
    return apply_cutout(images, cutout(s, q, n)) if s.cutout > 0 else images
