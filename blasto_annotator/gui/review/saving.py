"""A verdict on its way to the disk; one whose answer was lost with the server is known by its moment."""

from __future__ import annotations

from datetime import datetime

from blasto_annotator.curation.blinding import record
from blasto_annotator.domain.errors import UnreachableError
from blasto_annotator.domain.reviews import ReviewItem, ReviewSession, Seen
from blasto_annotator.gui.review.session_model import Step
from blasto_annotator.store import Project
from blasto_annotator.store.times import now_utc


class Unanswered:
    """Verdicts that were not saved as far as this seat knows, and when they were given."""

    def __init__(self) -> None:
        self._steps: dict[tuple[int, int], tuple[Step, datetime]] = {}

    def moment(self, session: ReviewSession, step: Step) -> datetime:
        """When this verdict was given; the first time, where it is given again after a failure."""
        known = self._steps.get((session.id, step.position))
        if known is not None and (known[0].after, known[0].why) == (step.after, step.why):
            return known[1]
        return now_utc()

    def failed(self, session: ReviewSession, step: Step, moment: datetime) -> None:
        """No answer came, or a refusal."""
        self._steps[session.id, step.position] = step, moment

    def saved(self, session: ReviewSession, step: Step) -> None:
        """It is on the disk."""
        self._steps.pop((session.id, step.position), None)


def save(
    project: Project, session: ReviewSession, item: ReviewItem, step: Step, seen: Seen, moment: datetime
) -> None:
    """Stores a verdict once; where the server did not answer, it may have been the answer that was lost.

    Raises:
        UserError: nothing was saved, as far as can be known.
    """
    try:
        record(project, session, item, step.after, step.why, seen, moment)
    except UnreachableError:
        record(project, session, item, step.after, step.why, seen, moment)
