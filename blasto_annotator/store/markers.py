"""Notes that a move leaves in databases: what is an unfinished copy, and what was left for good."""

from __future__ import annotations

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
