"""The newest row of a trail that this computer saw, remembered outside the project.

A trail whose end was cut off, together with the labels that it told of, is whole in itself. Only somebody who
remembers a later row can tell: this computer does, in a small file of this user's.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_state_path
from sqlalchemy import select
from sqlalchemy.orm import Session

from blasto_annotator.domain.audit import AuditRow, Untrue, untrue
from blasto_annotator.store.location import Location
from blasto_annotator.store.models import AuditRecord
from blasto_annotator.store.times import now_utc
from gan.contract.whole_file import whole_file

VARIABLE = "BLASTO_ANNOTATOR_STATE"
"""Names another folder for what is remembered."""
WRITTEN = "audit.head"
"""Key of a session's notes under which lies the newest row that it wrote."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Head:
    """A row of the trail that was seen."""

    row: int
    hash: str
    seen_utc: str


class Heads:
    """What this computer remembers of one project at one place. Forgetting is no error, only less to say."""

    def __init__(self, project_id: str, location: Location) -> None:
        place = location.name if location.url is not None else str(location.folder.resolve())
        name = hashlib.sha256(f"{project_id}\n{place}".encode()).hexdigest()[:32]
        self._project, self._place = project_id, place
        self._path = _folder() / f"{name}.json"
        self._lock = threading.Lock()
        self._newest = 0
        self._holds = True

    def known(self) -> Head | None:
        """The newest row that was seen; None where nothing can be read."""
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            return Head(int(told["row"]), str(told["hash"]), str(told["seen_utc"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def saw(self, row: int, row_hash: str) -> None:
        """Remembers a row that is newer; not where the trail lost one that was seen: that must stay known."""
        with self._lock:
            if self._holds and row > self._newest:
                self._write(Head(row, row_hash, now_utc().isoformat(timespec="seconds")))

    def look(self, session: Session, known: Head | None) -> Untrue | None:
        """What the trail lost of what was seen; where it lost nothing, its newest row is remembered.

        `known` was read before the session's view of the data began: a row that is written and remembered
        while a long look goes on is not in that view, and is not lost.
        """
        newest = session.execute(
            select(AuditRecord.id, AuditRecord.hash).order_by(AuditRecord.id.desc()).limit(1)
        ).one_or_none()
        if known is not None:
            there = session.scalar(select(AuditRecord.hash).where(AuditRecord.id == known.row))
            self._holds = there == known.hash
            if not self._holds:
                return self._lost(known, 0 if newest is None else newest.id)
        if newest is not None and (known is None or newest.id > known.row):
            self.saw(newest.id, newest.hash)
        return None

    def accept(self, row: AuditRow) -> None:
        """A backup was put in place knowingly: from now on this row is what was seen."""
        with self._lock:
            self._holds = True
            self._write(Head(row.id, row.hash, now_utc().isoformat(timespec="seconds")))

    def _write(self, head: Head) -> None:
        self._newest = head.row
        text = json.dumps(
            {"project": self._project, "place": self._place, **asdict(head)}, ensure_ascii=False
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self._path) as partial:
                partial.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            log.debug("%s cannot be written: %s", self._path, error)

    def _lost(self, known: Head, last: int) -> Untrue:
        when = f"{known.seen_utc[:16].replace('T', ' ')} UTC"
        saw = f"This computer saw row {known.row:,} of the audit trail on {when}"
        now = (
            f"but the trail ends at row {last:,} now: rows were cut off its end"
            if last < known.row
            else "but another row has its number now: rows were cut off and others written"
        )
        reason = (
            f"{saw}, {now}, or an older copy of the project was put in its place. Restore the newest backup; "
            "if you restored one knowingly, say so on the Audit page, or with audit verify --restored."
        )
        return untrue("head", f"project:{self._project}", reason)


def _folder() -> Path:
    chosen = os.environ.get(VARIABLE)
    return (Path(chosen) if chosen else user_state_path("blasto-annotator")) / "heads"
