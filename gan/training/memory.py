"""Too little memory, said as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gan.contract.errors import UserError
from gan.training.family import Setting
from gan.training.shortage import is_shortage


@contextmanager
def explained_shortage(setting: Setting) -> Iterator[None]:
    """Turns running out of memory into a sentence; everything else passes.

    Raises:
        UserError: out of memory on the device or in the machine.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        taken = setting.portion.images or setting.batch // setting.processes.count
        raise UserError(
            f"Out of memory on {setting.device} with {taken} images of "
            f"{setting.resolution}x{setting.resolution} at a time: close other programs, "
            "or start a run with a smaller batch or preset."
        ) from error
