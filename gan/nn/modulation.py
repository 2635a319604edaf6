"""Modulated convolution (Karras et al. 2020, "Analyzing and improving ... StyleGAN", eq. 1 to 3)."""

from __future__ import annotations

import torch

from gan.nn.convolution import conv2d_resample
from gan.nn.resample import Pair

EPSILON = 1e-8


def modulated_conv2d(
    x: torch.Tensor,
    weight: torch.Tensor,
    styles: torch.Tensor,
    *,
    noise: torch.Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: Pair = 0,
    resample_filter: torch.Tensor | None = None,
    demodulate: bool = True,
    flip_weight: bool = True,
    gain: float = 1.0,
) -> torch.Tensor:
    """Convolution with weights scaled by a style for each image and input map.

    The image is scaled instead of the weights, so that one convolution serves the whole batch; the norm of
    the scaled weights needs only the squared styles and the squared weights.

    Args:
        x: [N, I, H, W].
        weight: [O, I, k, k].
        styles: [N, I].
        noise: added after demodulation; anything that broadcasts to the result.
        demodulate: scales each output map by 1 / sqrt(sum (weight * style)^2 + 1e-8).
        gain: multiplies the convolution, not the noise; free where demodulated.

    Returns:
        [N, O, H', W'].
    """
    if x.dtype == torch.float16 and demodulate:
        weight, styles = _bounded(weight, styles)
    y = conv2d_resample(
        x * styles.to(x.dtype)[:, :, None, None],
        weight.to(x.dtype),
        resample_filter,
        up=up,
        down=down,
        padding=padding,
        flip_weight=flip_weight,
    )
    if demodulate:
        scale = (demodulation(weight, styles) * gain).to(x.dtype)[:, :, None, None]
        return y * scale if noise is None else torch.addcmul(noise.to(x.dtype), y, scale)
    y = y if gain == 1 else y * gain
    return y if noise is None else y + noise.to(x.dtype)


def demodulation(weight: torch.Tensor, styles: torch.Tensor) -> torch.Tensor:
    """[N, O] factors that bring each output map's expected variance back to one."""
    squared = weight.square().sum(dim=(2, 3))
    return (styles.square() @ squared.t() + EPSILON).rsqrt()


def _bounded(weight: torch.Tensor, styles: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The same result after demodulation, with sums that stay inside float16's range."""
    fan_in = weight[0].numel()
    largest = weight.detach().abs().amax(dim=(1, 2, 3), keepdim=True)
    weight = weight / (largest * fan_in**0.5)
    styles = styles / styles.detach().abs().amax(dim=1, keepdim=True)
    return weight, styles
