"""Too little memory, said as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gan.contract.errors import UserError
from gan.training.family import Setting

_SIGNS = ("can't allocate memory", "out of memory", "not enough memory")


@contextmanager
def explained_shortage(setting: Setting) -> Iterator[None]:
    """Turns running out of memory into a sentence; everything else passes.

    Raises:
        UserError: out of memory on the device or in the machine.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not _is_shortage(error):
            raise
        raise UserError(
            f"Out of memory on {setting.device} with {setting.batch} images of "
            f"{setting.resolution}x{setting.resolution} at a time: close other programs, "
            "or start a run with a smaller batch or preset."
        ) from error


def _is_shortage(error: BaseException) -> bool:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(sign in str(error).lower() for sign in _SIGNS)
