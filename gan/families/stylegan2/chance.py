"""What a step draws, for its whole batch, before anything is computed from it.

Every process draws the same for all images and computes its own; a portion that is too large for the device
is computed again from the same draws. So neither the number of processes nor the size of the portions changes
what a step computes, but for the order in which sums are added up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from gan.families.stylegan2.synthesis import Noise, Synthesis

Labels = torch.Tensor | None
"""One-hot labels [N, c_dim]; None without classes."""


class Change(Protocol):
    """Transforms of N images, already drawn."""

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Images [N, C, H, W], transformed."""

    def rows(self, rows: torch.Tensor) -> Change:
        """The transforms of some of the images, by number [n]."""


class Unchanged:
    """No transform at all."""

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """The images."""
        return images

    def rows(self, rows: torch.Tensor) -> Change:
        """Itself."""
        return self


UNCHANGED = Unchanged()
CONSTANT = Noise()


@dataclass(frozen=True)
class Latents:
    """What images are generated from."""

    z: torch.Tensor
    """[N, z_dim]."""
    c: Labels = None

    def rows(self, rows: torch.Tensor) -> Latents:
        """Those of some of the images, by number [n]."""
        return Latents(self.z[rows], None if self.c is None else self.c[rows])


@dataclass(frozen=True)
class Mixing:
    """A second latent for the layers from a cut on; one cut a batch."""

    z: torch.Tensor
    """[N, z_dim]."""
    kept: torch.Tensor
    """[num_ws] which layers keep the first latent."""


@dataclass(frozen=True)
class Generated:
    """Images to generate, with all that chance has to say."""

    latents: Latents
    mixing: Mixing | None = None
    noise: Noise = CONSTANT
    augment: Change = UNCHANGED

    def rows(self, rows: torch.Tensor) -> Generated:
        """Some of the images, by number [n]."""
        mixing = None if self.mixing is None else Mixing(self.mixing.z[rows], self.mixing.kept)
        return Generated(self.latents.rows(rows), mixing, self.noise.rows(rows), self.augment.rows(rows))


@dataclass(frozen=True)
class Real:
    """Real images as the discriminator will see them."""

    images: torch.Tensor
    """[N, C, H, W]."""
    c: Labels = None
    augment: Change = UNCHANGED

    def rows(self, rows: torch.Tensor) -> Real:
        """Some of the images, by number [n]."""
        return Real(self.images[rows], None if self.c is None else self.c[rows], self.augment.rows(rows))


@dataclass(frozen=True)
class StepInputs:
    """A step's latents and real images."""

    generator: Latents
    path: Latents | None
    """None where the path-length phase is not due."""
    path_field: torch.Tensor | None
    """Normal field of the path phase's images [N, C, H, W]."""
    discriminator: Latents
    real: Real
    r1: bool
    """Whether the R1 phase is due."""


@dataclass(frozen=True)
class Chance:
    """What is left to chance, and where the numbers come from."""

    rng: torch.Generator
    augment: Callable[[Sequence[int]], Change] = lambda shape: UNCHANGED
    """Draws the transforms of images of a shape (N, C, H, W)."""
    mixing_prob: float = 0.0
    random_noise: bool = False

    def generated(self, synthesis: Synthesis, latents: Latents, *, seen: bool = True) -> Generated:
        """Latents with all else drawn; `seen` by the discriminator, images are augmented."""
        mixing = self._mixing(latents.z, synthesis.num_ws) if self.mixing_prob > 0 else None
        n = len(latents.z)
        noise = synthesis.draw_noise(n, self.rng) if self.random_noise else CONSTANT
        size = synthesis.shape.img_resolution
        change = self.augment((n, synthesis.shape.img_channels, size, size)) if seen else UNCHANGED
        return Generated(latents, mixing, noise, change)

    def real(self, real: Real) -> Real:
        """Real images with their transforms drawn anew."""
        return Real(real.images, real.c, self.augment(real.images.shape))

    def _mixing(self, z: torch.Tensor, layers: int) -> Mixing:
        """With probability `mixing_prob`, layers from a random cut on take the second latent."""
        device = z.device
        other = torch.randn(z.shape, generator=self.rng, device=device)
        cut = torch.randint(1, layers, (1,), generator=self.rng, device=device)
        mixed = torch.rand(1, generator=self.rng, device=device) < self.mixing_prob
        return Mixing(other, (torch.arange(layers, device=device) < cut) | ~mixed)
