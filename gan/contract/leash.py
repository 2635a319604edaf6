"""A leash: a child process that ends with the process that wanted it, however that one ends.

A process that is killed cannot end its children, and one that wrote on would write into folders that its
successor makes again. Training is never on a leash: it outlives window and terminal on purpose.
"""

from __future__ import annotations

import os
import sys
import threading
import time

LEASH = "GAN_LEASH"
"""Environment variable: number of the process that this one ends with."""
LOOK_SECONDS = 0.25
ENDED = 143
"""Exit status of a process that ended with its holder, as of one ended by SIGTERM."""


def stay_on_leash() -> None:
    """Ends this process when the one named in `GAN_LEASH` is gone; without the variable nothing happens."""
    number = os.environ.pop(LEASH, "")
    if number.isdigit():
        threading.Thread(target=_watch, args=(int(number), os.getppid()), name="leash", daemon=True).start()


def _watch(holder: int, parent: int) -> None:
    while os.getppid() == parent and _is_alive(holder):
        time.sleep(LOOK_SECONDS)
    os._exit(ENDED)


def _is_alive(number: int) -> bool:
    """Whether a process with this number exists; on Windows its handle is asked."""
    if sys.platform == "win32":
        return _is_alive_on_windows(number)
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_alive_on_windows(number: int) -> bool:
    import ctypes

    synchronize, still_waiting = 0x00100000, 0x102
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined, unused-ignore]
    handle = kernel.OpenProcess(synchronize, False, number)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == still_waiting)
    finally:
        kernel.CloseHandle(handle)
