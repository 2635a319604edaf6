"""Events to the record and to whoever started the trainer."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from gan.contract.events import encode
from gan.training.curves import Curves

log = logging.getLogger(__name__)

_WAITING_EVENTS = 1000
_FAREWELL_SECONDS = 2.0


class Listener:
    """The pipe to the window, written by its own thread: one that is full or broken never stops training."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes | None] = queue.Queue(_WAITING_EVENTS)
        self._thread = threading.Thread(target=self._pass_on, name="events", daemon=True)
        self._thread.start()

    def tell(self, line: str) -> None:
        """Queues a line; drops it when nobody has been reading for long (the record has it)."""
        try:
            self._lines.put_nowait(line.encode())
        except queue.Full:
            return

    def close(self) -> None:
        """Waits a moment for the last lines to go."""
        try:
            self._lines.put(None, timeout=_FAREWELL_SECONDS)
        except queue.Full:
            return
        self._thread.join(_FAREWELL_SECONDS)

    def _pass_on(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError as error:
                log.info("nobody follows any more (%s); the record goes on", error)
                break
        while self._lines.get() is not None:
            pass  # keeps the queue from filling up


class Sink(Protocol):
    """A place besides the record that takes events."""

    def add(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Takes one event, or lets it pass; never fails."""

    def close(self) -> None:
        """Writes what it still holds."""


class Reporter:
    """Appends events to `events.jsonl`, tells a listener and draws TensorBoard's curves."""

    def __init__(self, record: Path, tell: Callable[[str], None]) -> None:
        self._record = record
        self._tell = tell
        self._sinks: list[Sink] = [Curves(record.parent / "tensorboard")]
        self._at_line_start = _ends_with_line(record)
        self._failed = False

    def emit(self, kind: str, **fields: Any) -> None:
        """Writes one event; a full disk is logged once and does not end the run: the next checkpoint
        decides."""
        line = encode(kind, fields)
        self._append(line)
        self._tell(line)
        for sink in self._sinks:
            sink.add(kind, fields)

    def attach(self, sink: Sink) -> None:
        """Passes events on to one more place."""
        self._sinks.append(sink)

    def close(self) -> None:
        """Lets every place write what it still holds."""
        for sink in self._sinks:
            sink.close()

    def _append(self, line: str) -> None:
        text = line if self._at_line_start else "\n" + line
        self._at_line_start = False
        try:
            with self._record.open("a", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            if not self._failed:
                log.warning("%s cannot be written: %s", self._record, error)
            self._failed = True
            return
        self._at_line_start = True
        self._failed = False


def _ends_with_line(path: Path) -> bool:
    """Whether the next byte starts a line; a trainer that was killed may have left half a line."""
    if not path.exists() or path.stat().st_size == 0:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
