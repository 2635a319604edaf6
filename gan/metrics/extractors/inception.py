"""The Inception v3 of 2015 that all FID tools use, from its published weights (never bundled).

Architecture: Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", section 6, in
the variant of the FID weights: average pooling does not count its padding, the last block's pooling branch
takes the maximum, 1008 outputs, batch normalisation with eps 1e-3. Batch normalisation is folded into the
convolutions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

Pool = Callable[[Tensor], Tensor]
FEATURES = 2048
LOGITS = 1008
_EPSILON = 1e-3
_BLOCKS_A = ("Mixed_5b", "Mixed_5c", "Mixed_5d")
_BLOCKS_C = ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e")


class InceptionNetwork:
    """Images [N, 3, 299, 299] in [-1, 1] to features [N, 2048] (last pooling) and logits [N, 1008]."""

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device | str = "cpu") -> None:
        names = sorted({key.removesuffix(".conv.weight") for key in weights if key.endswith(".conv.weight")})
        self._convolutions = {name: _folded(weights, name, device) for name in names}
        self._fc = (weights["fc.weight"].float().to(device), weights["fc.bias"].float().to(device))

    @torch.no_grad()
    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features and logits.

        Raises:
            ValueError: the images are not [N, 3, 299, 299].
        """
        if images.shape[1:] != (3, 299, 299):
            raise ValueError(f"Inception takes [N, 3, 299, 299], not {tuple(images.shape)}")
        x = self._stem(images)
        for name in _BLOCKS_A:
            x = self._block_a(name, x)
        x = self._reduction_6a(x)
        for name in _BLOCKS_C:
            x = self._block_c(name, x)
        x = self._reduction_7a(x)
        x = self._block_e("Mixed_7b", x, _average_pool)
        x = self._block_e("Mixed_7c", x, lambda y: F.max_pool2d(y, 3, stride=1, padding=1))
        features = x.mean(dim=(2, 3))
        return features, F.linear(features, *self._fc)

    def _conv(self, name: str, x: Tensor, stride: int = 1, same: bool = True) -> Tensor:
        weight, bias = self._convolutions[name]
        padding = (weight.shape[2] // 2, weight.shape[3] // 2) if same else (0, 0)
        return F.conv2d(x, weight, bias, stride, padding).relu_()

    def _chain(self, block: str, branch: str, steps: tuple[str, ...], x: Tensor) -> Tensor:
        for step in steps:
            x = self._conv(f"{block}.{branch}_{step}", x)
        return x

    def _stem(self, x: Tensor) -> Tensor:
        x = self._conv("Conv2d_1a_3x3", x, stride=2, same=False)
        x = self._conv("Conv2d_2a_3x3", x, same=False)
        x = F.max_pool2d(self._conv("Conv2d_2b_3x3", x), 3, stride=2)
        x = self._conv("Conv2d_3b_1x1", x)
        return F.max_pool2d(self._conv("Conv2d_4a_3x3", x, same=False), 3, stride=2)

    def _block_a(self, name: str, x: Tensor) -> Tensor:
        branches = [
            self._conv(f"{name}.branch1x1", x),
            self._chain(name, "branch5x5", ("1", "2"), x),
            self._chain(name, "branch3x3dbl", ("1", "2", "3"), x),
            self._conv(f"{name}.branch_pool", _average_pool(x)),
        ]
        return torch.cat(branches, 1)

    def _reduction_6a(self, x: Tensor) -> Tensor:
        deep = self._chain("Mixed_6a", "branch3x3dbl", ("1", "2"), x)
        branches = [
            self._conv("Mixed_6a.branch3x3", x, stride=2, same=False),
            self._conv("Mixed_6a.branch3x3dbl_3", deep, stride=2, same=False),
            F.max_pool2d(x, 3, stride=2),
        ]
        return torch.cat(branches, 1)

    def _block_c(self, name: str, x: Tensor) -> Tensor:
        branches = [
            self._conv(f"{name}.branch1x1", x),
            self._chain(name, "branch7x7", ("1", "2", "3"), x),
            self._chain(name, "branch7x7dbl", ("1", "2", "3", "4", "5"), x),
            self._conv(f"{name}.branch_pool", _average_pool(x)),
        ]
        return torch.cat(branches, 1)

    def _reduction_7a(self, x: Tensor) -> Tensor:
        deep = self._chain("Mixed_7a", "branch7x7x3", ("1", "2", "3"), x)
        branches = [
            self._conv("Mixed_7a.branch3x3_2", self._conv("Mixed_7a.branch3x3_1", x), stride=2, same=False),
            self._conv("Mixed_7a.branch7x7x3_4", deep, stride=2, same=False),
            F.max_pool2d(x, 3, stride=2),
        ]
        return torch.cat(branches, 1)

    def _block_e(self, name: str, x: Tensor, pool: Pool) -> Tensor:
        wide = self._conv(f"{name}.branch3x3_1", x)
        deep = self._chain(name, "branch3x3dbl", ("1", "2"), x)
        branches = [
            self._conv(f"{name}.branch1x1", x),
            self._conv(f"{name}.branch3x3_2a", wide),
            self._conv(f"{name}.branch3x3_2b", wide),
            self._conv(f"{name}.branch3x3dbl_3a", deep),
            self._conv(f"{name}.branch3x3dbl_3b", deep),
            self._conv(f"{name}.branch_pool", pool(x)),
        ]
        return torch.cat(branches, 1)


def _average_pool(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def _folded(weights: Mapping[str, Tensor], name: str, device: torch.device | str) -> tuple[Tensor, Tensor]:
    part = {
        key: weights[f"{name}.bn.{key}"].double() for key in ("weight", "bias", "running_mean", "running_var")
    }
    scale = part["weight"] / (part["running_var"] + _EPSILON).sqrt()
    kernel = weights[f"{name}.conv.weight"].double() * scale[:, None, None, None]
    bias = part["bias"] - part["running_mean"] * scale
    return kernel.float().to(device), bias.float().to(device)
