"""What running out of memory looks like."""

from __future__ import annotations

import torch

_SIGNS = ("can't allocate memory", "out of memory", "not enough memory")


def is_shortage(error: BaseException) -> bool:
    """Whether memory ran out, on the device or in the machine."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(sign in str(error).lower() for sign in _SIGNS)
