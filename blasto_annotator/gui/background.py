"""One way to work off the GUI thread: an operation on plain data, then success or failure on the GUI."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar, runtime_checkable

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

log = logging.getLogger(__name__)
T = TypeVar("T")
SWITCH_SECONDS = 0.0005
"""So long the window waits at most for a worker that computes in Python, a tenth of Python's own choice."""
POOL_THREADS = 4
"""A batch and a snapshot may each hold one for minutes; images and curves go on beside them."""


@runtime_checkable
class ErrorSink(Protocol):
    """A window that shows errors: `UserError` in its message bar, bugs in the crash dialog."""

    def show_error(self, error: Exception) -> None: ...


class Workers(QObject):
    """The application's worker threads: one that keeps order for the store's writes, and a small pool."""

    _delivered = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_SECONDS)
        self._serial = ThreadPoolExecutor(1, "serial")
        self._pool = ThreadPoolExecutor(POOL_THREADS, "pool")
        self._delivered.connect(_call, Qt.ConnectionType.QueuedConnection)

    def submit(self, work: Callable[[], None], *, serial: bool) -> None:
        """Runs `work` off the GUI thread."""
        (self._serial if serial else self._pool).submit(work)

    def deliver(self, call: Callable[[], None]) -> None:
        """Runs `call` on the GUI thread; may be called from any thread."""
        if shiboken6.isValid(self):
            self._delivered.emit(call)

    def finish(self) -> None:
        """Waits for every write that was begun; called once, when the application ends."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._serial.shutdown(wait=True)


def workers() -> Workers:
    """The workers of the running application, made on first use and owned by it."""
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError("background work needs an application")
    found = app.findChild(Workers)
    if found is None:
        found = Workers(app)
        app.aboutToQuit.connect(found.finish)
    return found


def run_op(
    parent: QObject,
    op: Callable[[], T],
    success: Callable[[T], None],
    failure: Callable[[Exception], None] | None = None,
    *,
    serial: bool = True,
    unheard: Callable[[T], object] | None = None,
) -> None:
    """Runs `op` off-thread, then `success` or `failure` on the GUI thread, unless `parent` is gone by then.

    A result that finds `parent` gone goes to `unheard`: what was opened is closed there.

    `serial` operations run one after another in the order of their calls: use it for whatever writes.
    Without `failure`, a `UserError` goes to the window's message bar and anything else to the crash dialog.
    """
    crew = workers()

    def work() -> None:
        try:
            result = op()
        except Exception as error:  # noqa: BLE001  handed on to the GUI thread, never swallowed
            crew.deliver(lambda error=error: _fail(parent, failure, error))  # type: ignore[misc]
        else:
            crew.deliver(lambda: _succeed(parent, success, unheard, result))

    crew.submit(work, serial=serial)


def on_gui(parent: QObject, slot: Callable[..., None]) -> Callable[..., None]:
    """A callable for other threads (progress reports): runs `slot` on the GUI thread while `parent` lives."""
    crew = workers()

    def call(*values: Any) -> None:
        crew.deliver(lambda: slot(*values) if shiboken6.isValid(parent) else None)

    return call


def report_error(asker: QObject | None, error: Exception) -> None:
    """Shows an error in the window `asker` belongs to, else in the one on screen; raises it without any."""
    above = asker
    while above is not None:
        if isinstance(above, ErrorSink):
            above.show_error(error)
            return
        above = above.parent()
    window = _on_screen()
    if window is None:
        raise error
    window.show_error(error)


def _on_screen() -> ErrorSink | None:
    shown = (each for each in QApplication.topLevelWidgets() if each.isVisible())
    return next((each for each in shown if isinstance(each, ErrorSink)), None)


def _call(call: Callable[[], None]) -> None:
    call()


def _succeed(
    parent: QObject, success: Callable[[T], None], unheard: Callable[[T], object] | None, result: T
) -> None:
    if shiboken6.isValid(parent):
        success(result)
    elif unheard is not None:
        unheard(result)


def _fail(parent: QObject, failure: Callable[[Exception], None] | None, error: Exception) -> None:
    if shiboken6.isValid(parent):
        report_error(parent, error) if failure is None else failure(error)
    elif failure is None:
        window = _on_screen()
        if window is not None:
            window.show_error(error)
        else:  # the application is ending
            log.error("%s failed after its window was gone: %s", type(error).__name__, error, exc_info=error)
