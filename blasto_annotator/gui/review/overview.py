"""What there is to review: batches, newest first, with the sessions begun on each. Without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from blasto_annotator.curation.batches import batch_info
from blasto_annotator.curation.blinding import batches_of, revealed, wanted
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ReviewSession
from blasto_annotator.store import Project
from blasto_annotator.training.generate import list_batches
from gan.contract.batch_folder import BatchInfo


@dataclass(frozen=True)
class SessionRow:
    """A planned session and how far it is."""

    session: ReviewSession
    done: int
    revealed: bool = False
    """Whether its images were shown for what they are: its verdicts stand."""

    @property
    def total(self) -> int:
        """Answers that it asks for: one for two images of a pair."""
        return wanted(self.session)

    @property
    def complete(self) -> bool:
        return self.done >= self.total


@dataclass(frozen=True)
class BatchRow:
    """A batch and its sessions, newest first."""

    name: str
    """Of its folder."""
    info: BatchInfo
    images: int
    sessions: tuple[SessionRow, ...]

    @property
    def facts(self) -> str:
        """Where it comes from, in one line."""
        run = f"run {self.info.run}, " if self.info.run else ""
        return (
            f"{run}model {self.info.model[:8]}, {self.info.resolution} px, {len(self.info.classes)} classes"
        )


@dataclass(frozen=True)
class Overview:
    """The project's batches."""

    batches: list[BatchRow]
    problems: tuple[str, ...]
    """A sentence for each batch that cannot be read."""


def read_overview(project: Project) -> Overview:
    """Every complete batch of the project. Reads files and the database: not for the GUI thread."""
    sessions = project.reviews.sessions()
    known = revealed(project)
    batches, problems = [], []
    for folder in list_batches(project):
        try:
            batches.append(_row(project, folder.name, batch_info(project, folder.name), sessions, known))
        except UserError as error:
            problems.append(str(error))
    return Overview(batches, tuple(problems))


def when(created_utc: str | datetime) -> str:
    """A moment as the clock on the wall shows it."""
    moment = datetime.fromisoformat(created_utc) if isinstance(created_utc, str) else created_utc
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    here = aware.astimezone()
    return f"{here.day} {here:%b %Y, %H:%M}"


def _row(
    project: Project, name: str, info: BatchInfo, sessions: Sequence[ReviewSession], known: frozenset[int]
) -> BatchRow:
    mine = [session for session in sessions if name in batches_of(session)]
    rows = tuple(
        SessionRow(session, len(project.reviews.of_session(session.id)), session.id in known)
        for session in reversed(mine)
    )
    return BatchRow(name, info, info.per_class * max(1, len(info.classes)), rows)
