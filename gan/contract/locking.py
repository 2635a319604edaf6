"""Operating system file locks: released by the system when the holder dies, whatever killed it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

_RETRY_SECONDS = 0.02


class AlreadyLockedError(RuntimeError):
    """Another process holds the lock."""


class FileLock:
    """An exclusive lock on `path`, held until `release` or the process's end.

    `patience` seconds are spent trying: asking `is_locked` holds the lock for an instant, and whoever
    means to keep it must not mistake the question for a holder.

    Raises:
        AlreadyLockedError: another process holds it.
    """

    def __init__(self, path: Path, patience: float = 0.0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + patience
        while not _try_lock(self._descriptor):
            if time.monotonic() >= deadline:
                os.close(self._descriptor)
                raise AlreadyLockedError(f"{path} is held by another process")
            time.sleep(_RETRY_SECONDS)

    def release(self) -> None:
        """Gives the lock back."""
        os.close(self._descriptor)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on `path` (False where the file is absent)."""
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        return not _try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, shared: bool = False) -> bool:
    """Shared where the system can: two who only look then do not mistake each other for a holder."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
