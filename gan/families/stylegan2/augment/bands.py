"""Amplifying and damping frequency bands (ADA, appendix B.5)."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch.nn import functional as F

from gan.families.stylegan2.augment.numbers import gated, normal
from gan.families.stylegan2.augment.pipes import AugmentSettings
from gan.nn.convolution import conv2d

# sym2, the orthogonal lowpass filter of Daubechies' wavelet with two vanishing moments
SYM2 = (-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025)
POWER = (10 / 13, 1 / 13, 1 / 13, 1 / 13)
"""Expected share of each band in the power of a natural image, whose spectrum falls as 1 / f."""


@cache
def band_bank(device: torch.device) -> torch.Tensor:
    """[4, 43] zero-phase filters of the octaves, the lowest first; they sum to the identity.

    With L(z) = H(z) H(1/z) / 2 and its mirror L(-z), which sum to one, the bands are L(z) L(z^2) L(z^4),
    L(z) L(z^2) L(-z^4), L(z) L(-z^2) and L(-z).
    """
    low = np.convolve(SYM2, SYM2[::-1]) / 2
    high = low * (-1.0) ** np.abs(np.arange(len(low)) - len(low) // 2)
    bands, prefix = [], np.ones(1)
    for level in range(3):
        bands.append(np.convolve(prefix, _stretched(high, 2**level)))
        prefix = np.convolve(prefix, _stretched(low, 2**level))
    bands.append(prefix)
    rows = [np.pad(band, (len(prefix) - len(band)) // 2) for band in reversed(bands)]
    return torch.tensor(np.stack(rows), dtype=torch.float32, device=device)


def draw_band_gains(
    settings: AugmentSettings, n: int, p: torch.Tensor | float, rng: torch.Generator
) -> torch.Tensor:
    """Gains of the four bands [n, 4]."""
    columns = [
        gated(normal(n, 1, rng, settings.imgfilter_std).exp2(), 1, p * settings.imgfilter * share, rng)
        for share in settings.imgfilter_bands
    ]
    return band_gains(torch.cat(columns, dim=1))


def band_gains(factors: torch.Tensor) -> torch.Tensor:
    """Gains [N, 4] from a factor for each band: after each band's change the expected power is one again."""
    power = factors.new_tensor(POWER)
    gains = torch.ones_like(factors)
    for band in range(factors.shape[1]):
        step = torch.ones_like(factors)
        step[:, band] = factors[:, band]
        gains = gains * step / (power * step.square()).sum(dim=1, keepdim=True).sqrt()
    return gains


def apply_bands(images: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
    """Images [N, C, H, W] with each band multiplied by its gain [N, 4].

    Raises:
        ValueError: fewer than 22 pixels a side.
    """
    n, channels, height, width = images.shape
    taps = gains @ band_bank(images.device)
    reach = taps.shape[1] // 2
    if min(height, width) <= reach:
        raise ValueError(f"the filter augmentation needs images of at least {reach + 1} pixels a side")
    w = taps.repeat_interleave(channels, dim=0)[:, None, None, :]
    x = F.pad(images, (reach, reach, reach, reach), mode="reflect").reshape(
        1, n * channels, height + 2 * reach, -1
    )
    x = conv2d(conv2d(x, w, groups=n * channels), w.transpose(2, 3), groups=n * channels)
    return x.reshape(images.shape)


def _stretched(
    taps: np.ndarray[tuple[int], np.dtype[np.float64]], factor: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Taps of A(z^factor)."""
    result = np.zeros((len(taps) - 1) * factor + 1)
    result[::factor] = taps
    return result
