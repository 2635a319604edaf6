"""Dense layers with a learning rate of their own, and second-moment normalisation."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from gan.nn.activation import bias_act


def normalize_2nd_moment(x: torch.Tensor, dim: int = 1, eps: float = 1e-8) -> torch.Tensor:
    """x / sqrt(mean over `dim` of x^2 + eps)."""
    return x * (x.square().mean(dim=dim, keepdim=True) + eps).rsqrt()


class Dense(nn.Module):
    """Weights stored as N(0, 1) / rate and scaled at run time ("equalised" rates, Karras et al. 2018, 4.1).

    Args:
        in_features, out_features: sizes.
        act: a name in `ACTIVATIONS`.
        lr_multiplier: of the learning rate; weight and bias are multiplied by it at run time.
        bias_init: None leaves the bias out.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        act: str = "linear",
        lr_multiplier: float = 1.0,
        bias_init: float | None = 0.0,
    ) -> None:
        super().__init__()
        self.act = act
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / lr_multiplier)
        self.bias = None if bias_init is None else nn.Parameter(torch.full((out_features,), float(bias_init)))
        self.weight_gain = lr_multiplier / math.sqrt(in_features)
        self.bias_gain = lr_multiplier

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x [N, in_features] -> [N, out_features]."""
        w = (self.weight * self.weight_gain).to(x.dtype)
        b = None if self.bias is None else (self.bias * self.bias_gain).to(x.dtype)
        return bias_act(F.linear(x, w, b), act=self.act)
