"""Models: which checkpoint is in use."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.promotions import Promotion
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import PromotionRecord
from blasto_annotator.store.payloads import payload
from blasto_annotator.store.times import now_utc
from gan.contract.checkpoint import DESCRIPTION, KEEP


class Models:
    """The model in use and the ones before it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def current(self) -> str | None:
        """The checkpoint in use, relative to the project; None before the first promotion."""
        history = self.history()
        return history[-1].checkpoint if history else None

    def promote(self, checkpoint: Path, who: str, why: str = "") -> None:
        """Makes a checkpoint the model in use. Promoting an earlier one again goes back to it.

        Raises:
            UserError: not a checkpoint of this project, or not saved.
        """
        folder = self._db.folder.resolve()
        path = (folder / checkpoint).resolve()
        if not (path / DESCRIPTION).is_file():
            raise UserError(f"{path} is not a checkpoint: choose a folder under runs/…/checkpoints.")
        if not path.is_relative_to(folder):
            raise UserError(f"{path} lies outside the project {folder}: copy the run into it first.")
        before = self.current()
        with self._db.writing() as session:
            name = path.relative_to(folder).as_posix()
            row = PromotionRecord(checkpoint=name, who=who, why=why, time_utc=now_utc())
            session.add(row)
            session.flush()
            earlier = None if before is None else {"checkpoint": before}
            append_acts(session, [Act(who, "promote", f"checkpoint:{name}", earlier, payload(row), why)])
            (path / KEEP).touch()  # resuming its run must not prune it

    def history(self) -> list[Promotion]:
        """Every promotion, oldest first."""
        with self._db.reading() as session:
            rows = session.scalars(select(PromotionRecord).order_by(PromotionRecord.id))
            return [Promotion(r.id, r.checkpoint, r.who, r.why, r.time_utc) for r in rows]
