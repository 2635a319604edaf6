"""What chance decides for each image of a batch, drawn before any of them is transformed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from gan.families.stylegan2.augment.bands import apply_bands, draw_band_gains
from gan.families.stylegan2.augment.colour import apply_colour, colour_matrix, draw_colour
from gan.families.stylegan2.augment.corruption import (
    Cutout,
    apply_cutout,
    apply_noise,
    draw_cutout,
    draw_sigma,
)
from gan.families.stylegan2.augment.geometry import draw_geometry, geometry_matrix
from gan.families.stylegan2.augment.pipes import AugmentSettings
from gan.families.stylegan2.augment.warping import warp


@dataclass(frozen=True)
class AugmentDraws:
    """The transforms of N images; None leaves a kind of transform out."""

    geometry: torch.Tensor | None = None
    """[N, 3, 3] maps from output to input pixel."""
    colour: torch.Tensor | None = None
    """[N, 4, 4] maps of (red, green, blue, 1)."""
    bands: torch.Tensor | None = None
    """[N, 4] gains."""
    sigma: torch.Tensor | None = None
    """[N] standard deviations of the noise."""
    field: torch.Tensor | None = None
    """[N, C, H, W] normal."""
    cutout: Cutout | None = None

    def rows(self, rows: torch.Tensor) -> AugmentDraws:
        """Those of some of the images, by number [n]."""
        chosen = {
            name: value[rows]
            for name in ("geometry", "colour", "bands", "sigma", "field")
            if (value := getattr(self, name)) is not None
        }
        cutout = None if self.cutout is None else Cutout(*(part[rows] for part in self.cutout))
        return replace(self, **chosen, cutout=cutout)

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Images [N, C, H, W], transformed."""
        if self.geometry is not None:
            images = warp(images, self.geometry)
        if self.colour is not None:
            images = apply_colour(images, self.colour)
        if self.bands is not None:
            images = apply_bands(images, self.bands)
        if self.sigma is not None and self.field is not None:
            images = apply_noise(images, self.sigma, self.field)
        return images if self.cutout is None else apply_cutout(images, self.cutout)


def draw_augment(
    settings: AugmentSettings, shape: Sequence[int], p: torch.Tensor | float, rng: torch.Generator
) -> AugmentDraws:
    """Transforms of images of the shape (N, C, H, W) at overall probability p; see `augment`."""
    n, channels, height, width = shape
    s, made = settings, AugmentDraws()
    if s.geometric:
        made = replace(made, geometry=geometry_matrix(draw_geometry(s, n, p, rng), width, height))
    if s.coloured:
        made = replace(made, colour=colour_matrix(draw_colour(s, n, channels, p, rng)))
    if s.imgfilter > 0:
        made = replace(made, bands=draw_band_gains(s, n, p, rng))
    if s.noise > 0:
        field = torch.randn(tuple(shape), generator=rng, device=rng.device)
        made = replace(made, field=field, sigma=draw_sigma(s, n, p, rng))
    if s.cutout > 0:
        made = replace(made, cutout=draw_cutout(s, n, p, rng))
    return made
