"""Moving pixels by an affine map without aliasing (ADA, appendix B.3).

Reflect-pad, double with a wavelet's lowpass filter, sample bilinearly, halve with the filter turned round.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch.nn import functional as F

from gan.nn.differentiable import differentiable
from gan.nn.filters import setup_filter
from gan.nn.resample import downsample2d, upsample2d

# sym6, the orthogonal lowpass filter of Daubechies' least asymmetric wavelet with six vanishing moments
SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
MARGIN = 2 * (len(SYM6) // 4)
"""Pixels of the padded image that the two filters reach beyond a sampled point."""


@cache
def lowpass(device: torch.device) -> torch.Tensor:
    """The filter, on the device."""
    return setup_filter(SYM6).to(device)


STEP = 16
"""Pixels between the paddings that `few_shapes` allows."""


def warp(images: torch.Tensor, g_inv: torch.Tensor, *, few_shapes: bool | None = None) -> torch.Tensor:
    """Images [N, C, H, W] under maps [N, 3, 3] from output to input pixel (origin at the centre).

    Args:
        few_shapes: pads all sides alike and in steps, which changes no result; by default on CUDA, where
            cuDNN looks for the fastest kernel whenever it meets a new shape.
    """
    height, width = images.shape[2:]
    f = lowpass(images.device)
    left, right, top, bottom = reflect_padding(g_inv, width, height)
    if images.is_cuda if few_shapes is None else few_shapes:
        reach = -(-max(left, right, top, bottom) // STEP) * STEP
        left = right = min(reach, width - 1)
        top = bottom = min(reach, height - 1)
    padded = F.pad(images, (left, right, top, bottom), mode="reflect")
    doubled = upsample2d(padded, f)
    size = (2 * (width + MARGIN), 2 * (height + MARGIN))
    grid = _grid(g_inv, size, (doubled.shape[3], doubled.shape[2]), (left - right, top - bottom))
    sampled = _sample(doubled, grid)
    return downsample2d(sampled, f, padding=-MARGIN, flip_filter=True)


def reflect_padding(g_inv: torch.Tensor, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, right, top, bottom) so that no sampled point of any image lies outside."""
    cx, cy = (width - 1) / 2, (height - 1) / 2
    corners = g_inv.new_tensor([[-cx, -cy, 1], [cx, -cy, 1], [cx, cy, 1], [-cx, cy, 1]])
    points = (g_inv @ corners.t())[:, :2, :]
    low, high = -points.amin(dim=(0, 2)), points.amax(dim=(0, 2))
    reach = torch.stack([low[0] - cx, high[0] - cx, low[1] - cy, high[1] - cy]) + MARGIN
    limit = reach.new_tensor([width - 1, width - 1, height - 1, height - 1])
    left, right, top, bottom = reach.clamp(min=0).minimum(limit).ceil().int().tolist()
    return left, right, top, bottom


def _grid(
    g_inv: torch.Tensor, size: tuple[int, int], source: tuple[int, int], offset: tuple[int, int]
) -> torch.Tensor:
    """Sampling points [N, H, W, 2] of a doubled image, in -1 to 1 of the padded and doubled source.

    Args:
        size: of the result (x, y) in doubled pixels.
        source: of the source.
        offset: of the image's centre from the source's, in doubled pixels.
    """
    # sym6 delays by half a doubled pixel, so the image's centre lies there in source and result alike
    x = torch.arange(size[0], device=g_inv.device) - (size[0] - 1) / 2 + _DELAY
    y = torch.arange(size[1], device=g_inv.device) - (size[1] - 1) / 2 + _DELAY
    linear, shift = g_inv[:, None, None, :2, :2], g_inv[:, None, None, :2, 2] * 2
    points = linear[..., 0] * x[None, None, :, None] + linear[..., 1] * y[None, :, None, None] + shift
    middle = points.new_tensor(offset) - _DELAY
    return (points + middle) * (2 / points.new_tensor(source))


_DELAY = 0.5


class _Sample(torch.autograd.Function):
    """Bilinear sampling, zero outside: linear in the image, so it has second-order gradients."""

    @staticmethod
    def forward(ctx: Any, image: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(grid)
        ctx.size = image.shape
        return F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        (grid,) = ctx.saved_tensors
        return _scatter(grad, grid, ctx.size), None


class _Scatter(torch.autograd.Function):
    """The adjoint of `_Sample`."""

    @staticmethod
    def forward(ctx: Any, grad: torch.Tensor, grid: torch.Tensor, size: torch.Size) -> torch.Tensor:
        ctx.save_for_backward(grid)
        like = grad.new_empty(1).expand(size)
        result = torch.ops.aten.grid_sampler_2d_backward(grad, like, grid, 0, 0, False, (True, False))
        image: torch.Tensor = result[0]
        return image

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        (grid,) = ctx.saved_tensors
        return _sample(grad, grid), None, None


_sample = differentiable(_Sample)
_scatter = differentiable(_Scatter)
