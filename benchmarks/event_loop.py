"""Waiting in the event loop of the window under test.

`QTest.qWait` will not do: it keeps Python's lock, so that the window's other threads stand still meanwhile.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, Qt, QTimer


def until(done: Callable[[], bool], seconds: float = 120.0) -> None:
    """Runs the event loop, as the window's own, until something is so; looks once a millisecond."""
    end = time.perf_counter() + seconds
    loop, clock = QEventLoop(), QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
    clock.timeout.connect(lambda: loop.quit() if done() or time.perf_counter() > end else None)
    clock.start()
    if not done():
        loop.exec()
    clock.stop()
    if not done():
        raise TimeoutError("the window does not answer")


def rest(ms: int) -> None:
    """Runs the event loop, as the window's own, for so long."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()
