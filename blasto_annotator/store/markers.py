"""What marks a database that must not be used: notes that a move leaves, and a log that was not closed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.location import Location
from blasto_annotator.store.models import SettingRecord

COPYING = "move.copying"
"""Setting of a copy that nobody has switched to: it may be thrown away."""
MOVED = "move.gone"
"""Setting of a server's database that was left: no seat may write to it any more."""


def refuse_moved(session: Session, location: Location) -> None:
    """Checks that the project was not moved away from this server.

    Raises:
        UserError: it was; the sentence says where to.
    """
    record = session.get(SettingRecord, MOVED)
    if record is not None:
        raise UserError(
            f"The project in {location.name} was moved to {record.value}: nothing is saved here any more. "
            "Open it there, or join it anew."
        )


def refuse_unfinished(path: Path) -> None:
    """Checks that all entries are in the file that is only read: it was closed, and nobody writes to it.

    Raises:
        UserError: a write-ahead log lies beside it.
    """
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise UserError(
            f"{path} cannot be written, and {log.name} beside it holds entries that are not in it yet: it is "
            "in use, or was not closed. Close it there, or copy the whole folder to where you may write."
        )
