"""Convolution whose gradients of any order are convolutions, and convolution with resampling.

Convolution is linear in the image and in the weight; its two gradients are again linear in both. Three
functions that name one another as derivatives keep second-order gradients (R1, path length) on the fast
kernels, where the general rule of automatic differentiation convolves with kernels as large as the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch.nn import functional as F

from gan.nn.differentiable import differentiable
from gan.nn.filters import filter_size
from gan.nn.layout import channels_last
from gan.nn.resample import Padding, Pair, as_padding, downsampling_padding, upfirdn2d, upsampling_padding


class _Shape(NamedTuple):
    stride: tuple[int, int]
    padding: tuple[int, int]
    groups: int


class _Convolve(torch.autograd.Function):
    """x [N, I, H, W], w [O, I / groups, k, k], bias [O] or None -> [N, O, H', W'] (correlation)."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, w: torch.Tensor, bias: torch.Tensor | None, shape: _Shape
    ) -> torch.Tensor:
        ctx.save_for_backward(x, w)
        ctx.shape = shape
        return F.conv2d(channels_last(x), w, bias, shape.stride, shape.padding, groups=shape.groups)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        x, w = ctx.saved_tensors
        to_x, to_w, to_bias = ctx.needs_input_grad[:3]
        return (
            _to_image(grad, w, x.shape, ctx.shape) if to_x else None,
            _to_weight(x, grad, w.shape, ctx.shape) if to_w else None,
            grad.sum(dim=(0, 2, 3)) if to_bias else None,
            None,
        )


class _ToImage(torch.autograd.Function):
    """Gradient g of a convolution's result and w -> gradient of its image (transposed convolution)."""

    @staticmethod
    def forward(
        ctx: Any, g: torch.Tensor, w: torch.Tensor, size: Sequence[int], shape: _Shape
    ) -> torch.Tensor:
        ctx.save_for_backward(g, w)
        ctx.shape = shape
        # only its size and layout are read
        image = torch.empty(list(size), dtype=g.dtype, device=g.device, memory_format=torch.channels_last)
        return _gradients(channels_last(g), image, w, shape, (True, False))[0]

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        g, w = ctx.saved_tensors
        to_g = _convolve(grad, w, None, ctx.shape) if ctx.needs_input_grad[0] else None
        to_w = _to_weight(grad, g, w.shape, ctx.shape) if ctx.needs_input_grad[1] else None
        return to_g, to_w, None, None


class _ToWeight(torch.autograd.Function):
    """Image x and gradient g of a convolution's result -> gradient of its weight."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, g: torch.Tensor, size: Sequence[int], shape: _Shape
    ) -> torch.Tensor:
        ctx.save_for_backward(x, g)
        ctx.shape = shape
        weight = g.new_empty(1).expand(list(size))
        return _gradients(channels_last(g), channels_last(x), weight, shape, (False, True))[1]

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        x, g = ctx.saved_tensors
        to_x = _to_image(g, grad, x.shape, ctx.shape) if ctx.needs_input_grad[0] else None
        to_g = _convolve(x, grad, None, ctx.shape) if ctx.needs_input_grad[1] else None
        return to_x, to_g, None, None


_convolve = differentiable(_Convolve)
_to_image = differentiable(_ToImage)
_to_weight = differentiable(_ToWeight)


def _gradients(
    g: torch.Tensor, x: torch.Tensor, w: torch.Tensor, shape: _Shape, wanted: tuple[bool, bool]
) -> tuple[torch.Tensor, torch.Tensor]:
    result = torch.ops.aten.convolution_backward(
        g, x, w, None, shape.stride, shape.padding, (1, 1), False, (0, 0), shape.groups, (*wanted, False)
    )
    return result[0], result[1]


def conv2d(
    x: torch.Tensor,
    w: torch.Tensor,
    bias: torch.Tensor | None = None,
    *,
    stride: int = 1,
    padding: tuple[int, int] = (0, 0),
    groups: int = 1,
) -> torch.Tensor:
    """Correlation of images [N, I, H, W] with w [O, I / groups, k, k]; padding is (rows, columns)."""
    return _convolve(x, w, bias, _Shape((stride, stride), padding, groups))


def conv_transpose2d(x: torch.Tensor, w: torch.Tensor, *, stride: int = 1, groups: int = 1) -> torch.Tensor:
    """Full convolution of x [N, I, H, W] with zeros between its pixels.

    Args:
        w: [I, O / groups, k, k].

    Returns:
        [N, O, (H - 1) * stride + k, (W - 1) * stride + k].
    """
    n, _, height, width = x.shape
    size = [n, w.shape[1] * groups, (height - 1) * stride + w.shape[2], (width - 1) * stride + w.shape[3]]
    return _to_image(x, w, size, _Shape((stride, stride), (0, 0), groups))


def conv2d_resample(
    x: torch.Tensor,
    w: torch.Tensor,
    f: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    *,
    up: int = 1,
    down: int = 1,
    padding: Pair = 0,
    groups: int = 1,
    flip_weight: bool = True,
    flip_filter: bool = False,
) -> torch.Tensor:
    """Convolution with filtered up- or downsampling (Karras et al. 2020, appendix B).

    Args:
        x: images [N, I, H, W].
        w: [O, I / groups, k, k].
        f: the resampling filter of `setup_filter`.
        bias: added to each output map [O].
        padding: of the upsampled image, as in `upfirdn2d`.
        flip_weight: correlates (as `torch.nn.functional.conv2d` does) instead of convolving.
        flip_filter: the same for the filter.

    Returns:
        [N, O, H', W'].
    """
    p = upsampling_padding(padding, f, (up, up)) if up > 1 else as_padding(padding)
    p = downsampling_padding(p, f, (down, down)) if down > 1 else p
    if up > 1:
        y = _up(x, w, f, up, p, groups, flip_weight, flip_filter)
        y = upfirdn2d(y, f, down=down, flip_filter=flip_filter) if down > 1 else y
        return y if bias is None else y + bias[:, None, None]
    w = w if flip_weight else w.flip([2, 3])
    if down > 1:
        return _down(x, w, f, bias, down, p, groups, flip_filter)
    if p[0] == p[1] and p[2] == p[3] and min(p) >= 0:
        return conv2d(x, w, bias, padding=(p[2], p[0]), groups=groups)
    return conv2d(F.pad(x, p), w, bias, groups=groups)


def _up(
    x: torch.Tensor,
    w: torch.Tensor,
    f: torch.Tensor | None,
    up: int,
    p: Padding,
    groups: int,
    flip_weight: bool,
    flip_filter: bool,
) -> torch.Tensor:
    """Convolution and filter commute, so the convolution comes first: it then skips the inserted zeros."""
    kh, kw = w.shape[2:]
    if kh == kw == 1:
        y = conv2d(x, w, groups=groups)
        return upfirdn2d(y, f, up=up, padding=p, flip_filter=flip_filter, gain=up**2)
    y = conv_transpose2d(
        x, _transposed(w.flip([2, 3]) if flip_weight else w, groups), stride=up, groups=groups
    )
    rest = (p[0] - kw + 1, p[1] - kw + up, p[2] - kh + 1, p[3] - kh + up)
    return upfirdn2d(y, f, padding=rest, flip_filter=flip_filter, gain=up**2)


def _down(
    x: torch.Tensor,
    w: torch.Tensor,
    f: torch.Tensor | None,
    bias: torch.Tensor | None,
    down: int,
    p: Padding,
    groups: int,
    flip_filter: bool,
) -> torch.Tensor:
    if w.shape[2] == w.shape[3] == 1:
        x = upfirdn2d(x, f, down=down, padding=p, flip_filter=flip_filter)
        return conv2d(x, w, bias, groups=groups)
    if filter_size(f) != (1, 1) or any(p):
        x = upfirdn2d(x, f, padding=p, flip_filter=flip_filter)
    return conv2d(x, w, bias, stride=down, groups=groups)


def _transposed(w: torch.Tensor, groups: int) -> torch.Tensor:
    """[O, I / groups, k, k] -> [I, O / groups, k, k]."""
    if groups == 1:
        return w.transpose(0, 1)
    o, i, kh, kw = w.shape
    return w.reshape(groups, o // groups, i, kh, kw).transpose(1, 2).reshape(groups * i, o // groups, kh, kw)
