"""The clock, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def now_utc() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
