"""Typed access to hand-written differentiable functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch


def differentiable(function: type[torch.autograd.Function]) -> Callable[..., torch.Tensor]:
    """The function that runs `function` and records it for differentiation."""
    return cast("Callable[..., torch.Tensor]", function.apply)
