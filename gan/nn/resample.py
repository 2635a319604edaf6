"""Up- and downsampling of images through finite impulse response filters.

Every operation here is linear in the image, so its gradient is an operation of the same kind with up and
down exchanged and the filter turned round. Writing it as such keeps gradients of any order as cheap as the
operation itself, where automatic differentiation of a depthwise convolution is slow from the second order on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

from gan.nn.differentiable import differentiable
from gan.nn.filters import filter_size
from gan.nn.layout import channels_last

Pair = int | Sequence[int]
Padding = tuple[int, int, int, int]
"""(left, right, top, bottom)."""
_FEW = 8
"""Channels below which the images of a batch are filtered as channels of one."""


@dataclass(frozen=True)
class _Plan:
    """One resampling; pairs are (x, y), padding is (left, right, top, bottom)."""

    up: tuple[int, int]
    down: tuple[int, int]
    padding: Padding
    flip: bool
    gain: float

    def adjoint(self, size_in: torch.Size, size_out: torch.Size, taps: tuple[int, int]) -> _Plan:
        """The plan that carries gradients of the output back to the input."""
        padding: list[int] = []
        for axis, (up, down) in enumerate(zip(self.up, self.down, strict=True)):
            before = self.padding[2 * axis]
            rest = size_in[-1 - axis] * up - size_out[-1 - axis] * down
            padding += [taps[axis] - before - 1, rest + before - up + 1]
        return _Plan(self.down, self.up, as_padding(padding), not self.flip, self.gain)


class _Resample(torch.autograd.Function):
    """x -> resampled x, with itself as its derivative."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, f: torch.Tensor, plan: _Plan) -> torch.Tensor:
        y = _run(x, f, plan)
        ctx.save_for_backward(f)
        ctx.adjoint = plan.adjoint(x.shape, y.shape, filter_size(f))
        return y

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        (f,) = ctx.saved_tensors
        return _resample(grad, f, ctx.adjoint), None, None


_resample = differentiable(_Resample)


def upfirdn2d(
    x: torch.Tensor,
    f: torch.Tensor | None,
    *,
    up: Pair = 1,
    down: Pair = 1,
    padding: Pair = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> torch.Tensor:
    """Puts zeros after each pixel, pads, convolves and keeps every `down`-th pixel.

    Args:
        x: images [N, C, H, W].
        f: a filter of `setup_filter`; None is the identity.
        up, down: whole factors, one for both axes or (x, y).
        padding: of the upsampled image: one number, (x, y) or (left, right, top, bottom); negative crops.
        flip_filter: correlates instead of convolving.
        gain: multiplies the result.

    Returns:
        Images [N, C, H', W'].
    """
    taps = x.new_ones(1, 1, dtype=torch.float32) if f is None else f
    plan = _Plan(as_pair(up), as_pair(down), as_padding(padding), flip_filter, gain)
    return _resample(x, taps, plan)


def filter2d(
    x: torch.Tensor,
    f: torch.Tensor | None,
    *,
    padding: Pair = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> torch.Tensor:
    """Filters images [N, C, H, W] and keeps their size; `padding` is added to it."""
    left, right, top, bottom = as_padding(padding)
    fw, fh = filter_size(f)
    p = (left + fw // 2, right + (fw - 1) // 2, top + fh // 2, bottom + (fh - 1) // 2)
    return upfirdn2d(x, f, padding=p, flip_filter=flip_filter, gain=gain)


def upsample2d(
    x: torch.Tensor,
    f: torch.Tensor | None,
    up: Pair = 2,
    *,
    padding: Pair = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> torch.Tensor:
    """Multiplies the size of images [N, C, H, W] by `up` and keeps their brightness."""
    ux, uy = as_pair(up)
    p = upsampling_padding(padding, f, (ux, uy))
    return upfirdn2d(x, f, up=up, padding=p, flip_filter=flip_filter, gain=gain * ux * uy)


def downsample2d(
    x: torch.Tensor,
    f: torch.Tensor | None,
    down: Pair = 2,
    *,
    padding: Pair = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> torch.Tensor:
    """Divides the size of images [N, C, H, W] by `down`."""
    p = downsampling_padding(padding, f, as_pair(down))
    return upfirdn2d(x, f, down=down, padding=p, flip_filter=flip_filter, gain=gain)


def upsampling_padding(padding: Pair, f: torch.Tensor | None, up: tuple[int, int]) -> Padding:
    """Padding that keeps the upsampled image centred and its size exact."""
    left, right, top, bottom = as_padding(padding)
    fw, fh = filter_size(f)
    ux, uy = up
    x = (left + (fw + ux - 1) // 2, right + (fw - ux) // 2)
    return (*x, top + (fh + uy - 1) // 2, bottom + (fh - uy) // 2)


def downsampling_padding(padding: Pair, f: torch.Tensor | None, down: tuple[int, int]) -> Padding:
    """Padding that keeps the downsampled image centred and its size exact."""
    left, right, top, bottom = as_padding(padding)
    fw, fh = filter_size(f)
    dx, dy = down
    x = (left + (fw - dx + 1) // 2, right + (fw - dx) // 2)
    return (*x, top + (fh - dy + 1) // 2, bottom + (fh - dy) // 2)


def as_pair(value: Pair) -> tuple[int, int]:
    """(x, y) of one number or a pair."""
    if isinstance(value, int):
        return value, value
    x, y = value
    return x, y


def as_padding(value: Pair) -> Padding:
    """(left, right, top, bottom) of one number, (x, y) or four numbers."""
    if isinstance(value, int):
        return value, value, value, value
    if len(value) == 2:
        return value[0], value[0], value[1], value[1]
    left, right, top, bottom = value
    return left, right, top, bottom


def _run(x: torch.Tensor, f: torch.Tensor, plan: _Plan) -> torch.Tensor:
    n, channels, height, width = x.shape
    if channels < _FEW:
        x = x.reshape(1, n * channels, height, width)  # vector units work along the channels
    x = channels_last(x)
    f = f.to(x.dtype) * plan.gain ** (f.ndim / 2)
    if f.ndim == 2:
        y = _convolve(x, f, plan.up, plan.down, plan.padding, plan.flip)
    else:
        (ux, uy), (dx, dy), (left, right, top, bottom) = plan.up, plan.down, plan.padding
        x = _convolve(x, f[None, :], (ux, 1), (dx, 1), (left, right, 0, 0), plan.flip)
        y = _convolve(x, f[:, None], (1, uy), (1, dy), (0, 0, top, bottom), plan.flip)
    return y.reshape(n, channels, *y.shape[2:])


def _convolve(
    x: torch.Tensor,
    f: torch.Tensor,
    up: tuple[int, int],
    down: tuple[int, int],
    padding: Padding,
    flip: bool,
) -> torch.Tensor:
    """One table of taps. Library convolutions correlate, transposed ones convolve."""
    turned = f.flip([0, 1])
    if up == (1, 1):
        return _shrink(x, f if flip else turned, down, padding)
    y = _grow(x, turned if flip else f, up, padding)
    return y if down == (1, 1) else y[:, :, :: down[1], :: down[0]]


def _shrink(x: torch.Tensor, f: torch.Tensor, down: tuple[int, int], padding: Padding) -> torch.Tensor:
    left, right, top, bottom = padding
    if left != right or top != bottom or min(left, top) < 0:
        x, left, top = F.pad(x, padding), 0, 0
    channels = x.shape[1]
    taps = f.expand(channels, 1, -1, -1)
    return F.conv2d(x, taps, stride=(down[1], down[0]), padding=(top, left), groups=channels)


def _grow(x: torch.Tensor, f: torch.Tensor, up: tuple[int, int], padding: Padding) -> torch.Tensor:
    """A transposed convolution skips the inserted zeros; the padding says how much of it is cut."""
    (kh, kw), (ux, uy), (left, right, top, bottom) = f.shape, up, padding
    cut = (kw - 1 - left, kw - right - ux, kh - 1 - top, kh - bottom - uy)
    x_cut, y_cut = max(min(cut[:2]), 0), max(min(cut[2:]), 0)
    channels = x.shape[1]
    taps = f.expand(channels, 1, -1, -1)
    y = F.conv_transpose2d(x, taps, stride=(uy, ux), padding=(y_cut, x_cut), groups=channels)
    rest = (x_cut - cut[0], x_cut - cut[1], y_cut - cut[2], y_cut - cut[3])
    return F.pad(y, rest) if any(rest) else y
