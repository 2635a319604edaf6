"""What generator and discriminator share: sizes a resolution, and the plain convolution layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import nn

from gan.nn.activation import ACTIVATIONS, bias_act
from gan.nn.convolution import conv2d_resample
from gan.nn.filters import setup_filter


class Shape(Protocol):
    """The part of a network's sizes that a resolution's layers depend on."""

    @property
    def img_resolution(self) -> int: ...
    @property
    def channel_base(self) -> int: ...
    @property
    def channel_max(self) -> int: ...
    @property
    def num_fp16_res(self) -> int: ...
    @property
    def low_precision(self) -> torch.dtype: ...


def resolutions(img_resolution: int) -> list[int]:
    """4, 8, ... up to the image's.

    Raises:
        ValueError: not a power of two from 8.
    """
    steps = img_resolution.bit_length() - 1
    if img_resolution < 8 or img_resolution != 1 << steps:
        raise ValueError(f"the resolution is {img_resolution}; it must be a power of two from 8")
    return [2**i for i in range(2, steps + 1)]


def widths(shape: Shape) -> dict[int, int]:
    """Feature maps by resolution."""
    return {r: min(shape.channel_base // r, shape.channel_max) for r in resolutions(shape.img_resolution)}


def block_dtype(shape: Shape, resolution: int) -> torch.dtype:
    """The lower precision for the highest `num_fp16_res` resolutions, never below 8 pixels."""
    lowest = max(shape.img_resolution * 2 // 2**shape.num_fp16_res, 8)
    return shape.low_precision if resolution >= lowest else torch.float32


class Convolution(nn.Module):
    """Convolution with resampling, bias, activation and clamp; weights N(0, 1), scaled at run time.

    Args:
        kernel: pixels a side.
        taps: the resampling filter.
        act: `lrelu` or `linear`.
        up, down: factors of the size.
        clamp: bound of the result at gain 1.
    """

    resample_filter: torch.Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        taps: Sequence[float],
        *,
        bias: bool = True,
        act: str = "lrelu",
        up: int = 1,
        down: int = 1,
        clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.act, self.up, self.down, self.clamp = act, up, down, clamp
        self.padding = kernel // 2
        self.weight_gain = 1 / math.sqrt(in_channels * kernel**2)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.register_buffer("resample_filter", setup_filter(taps))

    def forward(self, x: torch.Tensor, gain: float = 1.0) -> torch.Tensor:
        """x [N, I, H, W] -> [N, O, H * up / down, W * up / down]."""
        # both activations here let a gain through, so weight and bias carry it at no cost
        total = ACTIVATIONS[self.act].gain * gain
        y = conv2d_resample(
            x,
            (self.weight * (self.weight_gain * total)).to(x.dtype),
            self.resample_filter,
            None if self.bias is None else (self.bias * total).to(x.dtype),
            up=self.up,
            down=self.down,
            padding=self.padding,
            flip_weight=self.up == 1,
        )
        clamp = None if self.clamp is None else self.clamp * gain
        return bias_act(y, act=self.act, gain=1.0, clamp=clamp, overwrite=True)
