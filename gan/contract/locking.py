"""Operating system file locks: released by the system when the holder dies, whatever killed it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class AlreadyLockedError(RuntimeError):
    """Another process holds the lock."""


class FileLock:
    """An exclusive lock on `path`, held until `release` or the process's end.

    Raises:
        AlreadyLockedError: another process holds it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if not _try_lock(self._descriptor):
            os.close(self._descriptor)
            raise AlreadyLockedError(f"{path} is held by another process")

    def release(self) -> None:
        """Gives the lock back."""
        os.close(self._descriptor)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on `path` (False where the file is absent)."""
    if not path.exists():
        return False
    try:
        FileLock(path).release()
    except AlreadyLockedError:
        return True
    return False


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
