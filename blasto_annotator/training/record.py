"""What a run folder's record says, read without starting anything."""

from __future__ import annotations

from pathlib import Path

from gan.contract.checkpoint import list_checkpoints
from gan.contract.events import Event, read_events
from gan.contract.result import read_result
from gan.contract.run_folder import RunFolder

TAIL_BYTES = 65536
"""Enough for the last hundred events: a long run's record is never read whole for a list."""


def last_events(run: RunFolder) -> list[Event]:
    """The newest events, oldest first."""
    if not run.events.exists():
        return []
    start = max(0, run.events.stat().st_size - TAIL_BYTES)
    return read_events(run.events, start)[0]


def last_event(run: RunFolder, kind: str) -> Event | None:
    """The newest event of a kind."""
    return next((event for event in reversed(last_events(run)) if event.kind == kind), None)


def reached_kimg(run: RunFolder) -> float:
    """Thousands of images shown so far: the newest figure that the record holds."""
    values = [event.fields.get("kimg") for event in last_events(run)]
    known = [float(value) for value in values if value is not None]
    if known:
        return known[-1]
    result = read_result(run.result)
    return 0.0 if result is None else result.kimg


def newest_checkpoint(run: RunFolder) -> Path | None:
    """The newest complete checkpoint."""
    found = list_checkpoints(run.checkpoints)
    return found[-1] if found else None


def log_tail(run: RunFolder, lines: int = 20) -> str:
    """The last lines of everything that the trainer printed."""
    if not run.log.exists():
        return ""
    with run.log.open("rb") as file:
        file.seek(max(0, run.log.stat().st_size - TAIL_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def failure_reason(run: RunFolder) -> str:
    """Why the run ended badly: its result's sentence, else its last error event, else its log's last line."""
    result = read_result(run.result)
    if result is not None and result.message:
        return result.message
    error = last_event(run, "error")
    if error is not None:
        return str(error.fields.get("message", ""))
    written = [line for line in log_tail(run).splitlines() if line.strip()]
    return written[-1].strip() if written else "the trainer left no message"
