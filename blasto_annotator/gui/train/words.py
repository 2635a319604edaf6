"""Durations, sizes and states in words that a person reads at a glance."""

from __future__ import annotations

from datetime import UTC, datetime

from gan.contract.run_folder import RunState

STATE_WORDS = {
    RunState.NOT_STARTED: "Not started",
    RunState.RUNNING: "Training",
    RunState.INTERRUPTED: "Interrupted",
    RunState.STOPPED: "Stopped",
    RunState.FINISHED: "Finished",
    RunState.FAILED: "Failed",
}
STATE_SIGNS = {
    RunState.NOT_STARTED: "○",
    RunState.RUNNING: "▶",
    RunState.INTERRUPTED: "⚠",
    RunState.STOPPED: "◼",
    RunState.FINISHED: "✓",
    RunState.FAILED: "✕",
}
"""A sign beside the word, so that colour is never alone."""


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 05 min`, `2 d 4 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest:02d} min"
    return f"{hours // 24} d {hours % 24} h"


def kimg(value: float) -> str:
    """As many digits as the eye needs: 0.26, 4.3, 1200."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def memory(gigabytes: float) -> str:
    """`1.9 GB`, or megabytes below a tenth."""
    return f"{gigabytes:.1f} GB" if gigabytes >= 0.1 else f"{gigabytes * 1000:.0f} MB"


def local_time(time_utc: str) -> str:
    """An ISO 8601 moment as the clock on the wall shows it; empty stays empty."""
    if not time_utc:
        return ""
    moment = datetime.fromisoformat(time_utc)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    here = aware.astimezone()
    return f"{here.day} {here:%b, %H:%M}"


def count(number: int, one: str, many: str = "") -> str:
    """`1 image`, `12 images`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
