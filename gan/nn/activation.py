"""Bias, activation, gain and clamp in one go."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional as F


@dataclass(frozen=True)
class Activation:
    """A nonlinearity and the gain that keeps the variance of its input."""

    function: Callable[[torch.Tensor, float], torch.Tensor]
    gain: float = 1.0
    alpha: float = 0.0


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(lambda x, _: x),
    "relu": Activation(lambda x, _: F.relu(x), math.sqrt(2)),
    "lrelu": Activation(lambda x, alpha: F.leaky_relu(x, alpha), math.sqrt(2), 0.2),
    "tanh": Activation(lambda x, _: torch.tanh(x)),
    "sigmoid": Activation(lambda x, _: torch.sigmoid(x)),
    "elu": Activation(lambda x, _: F.elu(x)),
    "selu": Activation(lambda x, _: F.selu(x)),
    "softplus": Activation(lambda x, _: F.softplus(x)),
    "swish": Activation(lambda x, _: torch.sigmoid(x) * x, math.sqrt(2)),
}


def bias_act(
    x: torch.Tensor,
    b: torch.Tensor | None = None,
    *,
    dim: int = 1,
    act: str = "linear",
    alpha: float | None = None,
    gain: float | None = None,
    clamp: float | None = None,
    overwrite: bool = False,
) -> torch.Tensor:
    """Adds `b` along `dim`, activates, multiplies by `gain` and clamps to [-clamp, clamp].

    Args:
        x: any shape.
        b: [x.shape[dim]].
        act: a name in `ACTIVATIONS`.
        alpha: the slope of `lrelu` below zero.
        gain: by default the activation's own.
        overwrite: x is needed nowhere else, so its memory may be used.

    Returns:
        The shape of x.
    """
    spec = ACTIVATIONS[act]
    gain = spec.gain if gain is None else gain
    alpha = spec.alpha if alpha is None else alpha
    if b is not None:
        b = b.to(x.dtype).reshape([-1 if i == dim else 1 for i in range(x.ndim)])
    if act in ("linear", "lrelu", "relu") and gain > 0:
        y = _homogeneous(x, b, act, alpha, gain, overwrite)
    else:
        y = spec.function(x if b is None else x + b, alpha) * gain
    return y if clamp is None else y.clamp(-clamp, clamp)


def _homogeneous(
    x: torch.Tensor, b: torch.Tensor | None, act: str, alpha: float, gain: float, overwrite: bool
) -> torch.Tensor:
    """Activations with f(g x) = g f(x): the gain goes inside, which saves a pass over the image."""
    if b is not None:
        x, overwrite = torch.add(b if gain == 1 else b * gain, x, alpha=gain), True
    elif gain != 1:
        x, overwrite = x * gain, True
    if act == "lrelu":
        return F.leaky_relu(x, alpha, inplace=overwrite)
    return ACTIVATIONS[act].function(x, alpha)
