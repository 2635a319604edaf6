"""Whether frames still have the content hash that their labels tell of; a file that changed is read again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from blasto_annotator.domain.audit import AuditRow, untrue
from blasto_annotator.store.models import FrameRecord, LabelRecord, SourceRecord
from blasto_annotator.store.payloads import ROW

Told = tuple[AuditRow, Mapping[str, Any]]
"""A row of the trail, and what it says was stored."""
_TABLES = ("label", "repeat_label", "adjudication", "flag")


class Hashes:
    """Gathers frames whose hash is another than the newest row about them tells."""

    def __init__(self) -> None:
        self._differing: dict[int, tuple[AuditRow, str]] = {}

    def take(self, session: Session, batch: Sequence[Told]) -> None:
        """The next rows of the trail."""
        told = {said["frame_id"]: (row, str(said["sha256"])) for row, said in batch if _is_of_frame(said)}
        if not told:
            return
        query = select(FrameRecord.id, FrameRecord.sha256).where(FrameRecord.id.in_(list(told)))
        there = {row.id: row.sha256 for row in session.execute(query)}
        for frame_id, (row, sha256) in told.items():
            if there.get(frame_id) in (None, sha256):
                self._differing.pop(frame_id, None)
            else:
                self._differing[frame_id] = row, sha256

    def first_untrue(self, session: Session, folder: Path) -> AuditRow | None:
        """The first frame whose stored hash is neither the one told of nor its file's."""
        for frame_id, (row, told) in sorted(self._differing.items()):
            frame = session.get_one(FrameRecord, frame_id)
            found = _hash(session, frame, folder)
            if found == frame.sha256 or (found is None and _was_labelled(session, frame)):
                continue  # the file was replaced, and the project knows
            why = (
                "its file cannot be read to tell whether the file or the stored hash was changed: connect "
                "its disk and verify again, or restore a backup"
                if found is None
                else "nor has its file: the stored hash was changed outside the application. Restore a backup"
            )
            reason = (
                f"Frame {frame_id} ({frame.path}) has another content hash ({_short(frame.sha256)}) than row "
                f"{row.id:,} of the audit trail tells of ({_short(told)}), and {why}."
            ).replace(", and nor", ", nor")
            return untrue("altered", f"frame:{frame_id}", reason, row)
        return None


def _is_of_frame(said: Mapping[str, Any]) -> bool:
    return str(said.get(ROW, "")).partition(":")[0] in _TABLES and isinstance(said.get("frame_id"), int)


def _was_labelled(session: Session, frame: FrameRecord) -> bool:
    """Whether the stored hash is one under which this frame was labelled before."""
    own = (LabelRecord.frame_id == frame.id, LabelRecord.sha256 == frame.sha256)
    return session.scalar(select(LabelRecord.id).where(*own).limit(1)) is not None


def _hash(session: Session, frame: FrameRecord, folder: Path) -> str | None:
    """The hash of the frame's file as it is now; None where it cannot be read."""
    root = session.get_one(SourceRecord, frame.source_id).root
    try:
        with (folder / root / frame.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _short(sha256: str | None) -> str:
    return f"{(sha256 or '')[:12]}…"
