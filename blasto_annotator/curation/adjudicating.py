"""Images whose graders disagree such that the group differs, worst first, and what was decided of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blasto_annotator.curation.votes import Vote, by_moment, read_votes, voiced
from blasto_annotator.domain.acts import REDO, UNDO
from blasto_annotator.domain.adjudication import (
    GRADABLE,
    Adjudication,
    Answers,
    decided,
    next_question,
    outcome,
    severity,
)
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store import Project

UNKNOWN_REASON = "other"


@dataclass(frozen=True)
class Dispute:
    """A moment whose labels make different groups of it."""

    moment: str
    frame: Frame
    """The frame that most graders saw; of several the plane nearest the middle."""
    sha256: str
    votes: tuple[Vote, ...]
    outcomes: tuple[str, ...]
    """One a vote."""
    severity: float
    asked: str
    """What is asked first."""
    decision: Adjudication | None

    @property
    def grades(self) -> list[Grade | None]:
        """One a vote; None: not gradable."""
        return [vote.grade for vote in self.votes]

    @property
    def graders(self) -> tuple[str, ...]:
        """Who voted."""
        return tuple(vote.grader for vote in self.votes)


def read_disputes(project: Project) -> list[Dispute]:
    """Every dispute: open ones first, worst first; then those that were decided."""
    everybody = read_votes(project)
    decisions = decisions_by_moment(project, everybody)
    scheme = project.scheme
    found = []
    for moment, all_votes in by_moment(everybody).items():
        votes = voiced(all_votes, scheme)
        outcomes = tuple(outcome(vote.grade, scheme) for vote in votes)
        if len(set(outcomes)) > 1:
            found.append(_dispute(moment, votes, outcomes, decisions.get(moment), scheme))
    return sorted(found, key=lambda d: (d.decision is not None, -d.severity, -len(d.votes), d.moment))


def decisions_by_moment(project: Project, votes: Iterable[Vote]) -> dict[str, Adjudication]:
    """Moment -> the newest decision that stands, of the moments that these votes are about."""
    moments = {vote.label.sha256: vote.moment for vote in votes}
    rows = project.adjudications.current()
    return {moments[row.sha256]: row for row in rows if row.sha256 in moments}


def question(dispute: Dispute, scheme: Scheme, answers: Answers) -> str | None:
    """The only thing that is asked next; None once the group is decided."""
    return next_question(dispute.grades, scheme, answers)


def decide(
    project: Project,
    dispute: Dispute,
    answers: Mapping[str, str],
    adjudicator: str,
    revealed: bool,
    moment: datetime | None = None,
) -> Adjudication:
    """Stores the grade that the answers make, with the labels that were weighed.

    `moment` is when it was entered; a second call with the same moment stores nothing more.

    Raises:
        ValueError: something is still to be asked.
        UserError: this person may not adjudicate, or nothing was saved.
    """
    scheme = project.scheme
    _check_may(project, adjudicator)
    if (missing := question(dispute, scheme, answers)) is not None:
        raise ValueError(f"{missing} is not answered")
    grade = decided(dispute.grades, scheme, answers)
    basis = {
        "labels": [vote.label.id for vote in dispute.votes],
        "asked": sorted(answers),
        "revealed": revealed,
    }
    entry = LabelEntry(grade, _reason(dispute) if grade is None else "")
    return project.adjudications.record(
        dispute.frame.id, dispute.sha256, adjudicator, entry, basis, moment=moment
    )


def may_adjudicate(project: Project, name: str) -> bool:
    """Whether this person may decide disputes: an account with that right; anybody while there are none."""
    account = project.graders.find(name) if name.strip() else None
    if account is None:
        return not project.graders.all()
    return account.active and account.may_adjudicate


def take_back(
    project: Project,
    decision: Adjudication,
    before: Adjudication | None,
    who: str,
    moment: datetime | None = None,
) -> Adjudication:
    """Undoes a decision: one more row, which withdraws it or says again what stood before.

    Raises:
        UserError: somebody else decided it anew since, or this person may not adjudicate any more.
    """
    _check_may(project, who)
    _check_newest(project, decision.sha256, who)
    entry = before.entry if before is not None else None
    basis = dict(before.basis) if before is not None else {"withdrawn": decision.id}
    return project.adjudications.record(decision.frame_id, decision.sha256, who, entry, basis, UNDO, moment)


def decide_again(
    project: Project, undone: Adjudication, who: str, moment: datetime | None = None
) -> Adjudication:
    """Redoes a decision that was taken back: one more row.

    Raises:
        UserError: as `take_back`.
    """
    _check_may(project, who)
    _check_newest(project, undone.sha256, who)
    return project.adjudications.record(
        undone.frame_id, undone.sha256, who, undone.entry, undone.basis, REDO, moment
    )


def _check_may(project: Project, who: str) -> None:
    if not may_adjudicate(project, who):
        raise UserError(
            f"{who} may not adjudicate in this project: ask for it under Graders, or let an "
            "adjudicator decide."
        )


def _check_newest(project: Project, sha256: str, who: str) -> None:
    """The newest word is one's own: nobody undoes what somebody else decided since."""
    newest = project.adjudications.history(sha256)[-1]
    if newest.adjudicator != who:
        raise UserError(
            f"{newest.adjudicator} decided this image since then, so it is not undone here: "
            "answer it again to decide it anew."
        )


def _dispute(
    moment: str,
    votes: Sequence[Vote],
    outcomes: tuple[str, ...],
    decision: Adjudication | None,
    scheme: Scheme,
) -> Dispute:
    seen = [vote.label.sha256 for vote in votes]
    best = min(votes, key=lambda v: (-seen.count(v.label.sha256), abs(v.frame.plane or 0), v.label.sha256))
    return Dispute(
        moment=moment,
        frame=best.frame,
        sha256=best.label.sha256,
        votes=tuple(votes),
        outcomes=outcomes,
        severity=severity(outcomes, scheme),
        asked=next_question([vote.grade for vote in votes], scheme, {}) or GRADABLE,
        decision=decision,
    )


def _reason(dispute: Dispute) -> str:
    """Why it is not gradable, as the newest grader who found so says."""
    reasons = [vote.label.entry.reason for vote in dispute.votes if vote.label.entry and vote.grade is None]
    return reasons[-1] if reasons else UNKNOWN_REASON
