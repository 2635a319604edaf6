"""The arithmetic floor: an act's operations over the rate at which the device multiplies matrices."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from gan.training.device import synchronise

SIDE = {"cpu": 2048, "cuda": 8192}
"""Of the matrices that measure the rate."""


class _Counting(TorchDispatchMode):
    """Counts the operations of convolutions and matrix products, by number format."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[torch.dtype] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        if formula is not None:
            dtype = next(value.dtype for value in args if isinstance(value, torch.Tensor))
            self.found[dtype] += formula(*args, **(kwargs or {}), out_val=out)
        return out


def operations(act: Callable[[], object]) -> Counter[torch.dtype]:
    """Multiplications and additions of an act, by number format; element-wise work counts as nothing."""
    with _Counting() as counting:
        act()
    return counting.found


def matrix_rate(device: torch.device, dtype: torch.dtype, repeats: int = 5) -> float:
    """Operations a second of the best of a few products of large square matrices."""
    side = SIDE.get(device.type, 4096)
    a = torch.randn(side, side, device=device).to(dtype)
    best = float("inf")
    for _ in range(repeats + 1):
        synchronise(device)
        start = time.perf_counter()
        a @ a
        synchronise(device)
        best = min(best, time.perf_counter() - start)
    return 2 * side**3 / best


def floor_seconds(counted: Mapping[torch.dtype, float], rates: Mapping[torch.dtype, float]) -> float:
    """The least time in which the operations could be done."""
    return sum(number / rates[dtype] for dtype, number in counted.items())
