"""The audit trail's hash chain: each row's hash covers the row and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

GENESIS = "0" * 64


@dataclass(frozen=True)
class AuditRow:
    """Who did what, when, what was before, what came after, why, with which version."""

    id: int
    time_utc: str
    """ISO 8601 with microseconds and +00:00."""
    who: str
    action: str
    """Such as `label`, `label.withdraw`, `review`, `import`, `snapshot`, `retrain`, `generate`."""
    subject: str
    """Such as `frame:17` or `snapshot:ab12`."""
    before: str
    """Canonical JSON, or an empty string."""
    after: str
    why: str
    version: str
    """The application's."""
    previous: str
    hash: str


@dataclass(frozen=True)
class Untrue(AuditRow):
    """What does not hold, where more can be said than at which row of the trail; number 0 where at none."""

    reason: str = ""
    """The whole sentence."""


def untrue(action: str, subject: str, reason: str, row: AuditRow | None = None) -> Untrue:
    """A finding of a check; `row` is the one that says otherwise."""
    found = row or AuditRow(0, "", "", action, subject, "", "", "", "", "", "")
    return Untrue(**asdict(found), reason=reason)


@dataclass(frozen=True)
class AuditFilter:
    """Which rows of the trail are wanted; an empty part asks for everything."""

    who: str = ""
    action: str = ""
    subject: str = ""
    text: str = ""
    """Anywhere in the row, whatever the case."""
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""


def canonical(value: Mapping[str, object] | None) -> str:
    """JSON with sorted keys and no spaces, so that equal values have equal text."""
    if value is None:
        return ""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def row_hash(previous: str, fields: Iterable[str]) -> str:
    """SHA-256 over the previous hash and the row's fields, each prefixed with its length in bytes."""
    digest = hashlib.sha256(previous.encode())
    for text in fields:
        data = text.encode()
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


def chained_fields(row: AuditRow) -> tuple[str, ...]:
    """The fields that a row's hash covers, in order."""
    number = str(row.id)
    return (
        *(number, row.time_utc, row.who, row.action, row.subject),
        *(row.before, row.after, row.why, row.version),
    )


def follows(row: AuditRow, previous: AuditRow | None) -> bool:
    """Whether `row` is the whole, unaltered row after `previous` (None: the first row)."""
    number, link = (previous.id, previous.hash) if previous is not None else (0, GENESIS)
    linked = row.id == number + 1 and row.previous == link
    return linked and row.hash == row_hash(link, chained_fields(row))


def first_broken(rows: Iterable[AuditRow]) -> AuditRow | None:
    """The first row whose hash, link or number does not hold; None where the chain is whole."""
    previous: AuditRow | None = None
    for row in rows:
        if not follows(row, previous):
            return row
        previous = row
    return None


def tampered_sentence(row: AuditRow) -> str:
    """What is wrong with the first row that does not hold, and what to do."""
    if isinstance(row, Untrue):
        return row.reason
    if row.id == 0:
        return (
            f"The stored row {row.subject} was put in outside the application: no row of the audit trail "
            "tells of it. Restore a backup, or ask who has access to the database."
        )
    by = f" by {row.who}" if row.who else ""
    when = f"{row.time_utc[:19].replace('T', ' ')} UTC"
    return (
        f"The audit trail is broken at row {row.id} ({row.action} of {row.subject}{by}, {when}): "
        "this row, or what it tells of, was changed outside the application. Restore a backup."
    )


def uncovered_sentence(source: str) -> str:
    """What verification cannot say of a source that an older version imported."""
    return (
        f"Not covered: the frames of the source “{source}”. An older version imported them: "
        "an edit of their embryo, time or place would not show."
    )
