"""One sitting at a round: the project, the record, and whoever looks on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from blasto_annotator.domain.audit import AuditFilter
from blasto_annotator.domain.errors import UserError
from blasto_annotator.rounds.record import Round
from blasto_annotator.rounds.watch import Progress, RoundStopped, Watch
from blasto_annotator.store import Project


@dataclass
class Sitting:
    """From the start of a walk to its end, by whatever end."""

    project: Project
    current: Round
    watch: Watch
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        self.progress = Progress(self.current)

    def stopped(self) -> bool:
        """Whether somebody wants to stop."""
        return self.watch.stopped(self.current)

    def stop(self, what: str = "") -> NoReturn:
        """Ends the sitting.

        Raises:
            RoundStopped: always.
        """
        told = f"Round {self.current.number} was stopped. {what}".strip()
        raise RoundStopped(f"{told} Nothing is lost: it goes on from there.")

    def unless_stopped(
        self, deed: Callable[[], dict[str, Any]], instead: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a deed came to; `instead` and why where it cannot be done and the round can do without.

        Raises:
            RoundStopped: it could not because somebody stopped it.
        """
        try:
            return deed()
        except UserError as error:
            if self.stopped():
                self.stop()
            return {**instead, "sentence": str(error)}

    def audit_once(self, action: str, subject: str, after: Mapping[str, object]) -> None:
        """Adds the row that a deed's first sitting did not live to add."""
        if not self.project.audit.page(AuditFilter(action=action, subject=subject), limit=1):
            self.project.audit.append(self.current.wish.who, action, subject, None, after)
