"""What nobody may see while a review is under way, and what nobody may change once it was revealed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from blasto_annotator.domain.audit import AuditRow
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Mode, ReviewItem, ReviewSession, Seen, Verdict
from blasto_annotator.store import Project

REVEALED = "review.revealed"
"""Project setting: sessions whose images were shown for what they are, as JSON."""
LOOK = "review.look"
"""Project setting, with the session's number: the timed look that was under way."""
VEIL = "an image of a session that is not finished"
_TELLING = ("kind", "sha256", "image", "frame_id", "batch", "class_name")


@dataclass(frozen=True)
class OpenSession:
    """A session that is not finished."""

    id: int
    reviewer: str
    batches: tuple[str, ...]
    done: int
    total: int

    @property
    def words(self) -> str:
        """`Ana 7 of 33`."""
        return f"{self.reviewer} {self.done} of {self.total}"


def wanted(session: ReviewSession) -> int:
    """Verdicts that a session asks for: one for two images of a pair."""
    return len(session.items) // (2 if session.mode is Mode.PAIR else 1)


def batches_of(session: ReviewSession) -> tuple[str, ...]:
    """The batches whose images a session shows."""
    return tuple(session.plan.get("batches") or (session.batch,))


def open_sessions(project: Project, batch: str | None = None) -> list[OpenSession]:
    """Begun or only planned, and not finished; of one batch or of all."""
    found = []
    for session in project.reviews.sessions():
        if batch is None or batch in batches_of(session):
            done, total = len(project.reviews.of_session(session.id)), wanted(session)
            if done < total:
                found.append(OpenSession(session.id, session.reviewer, batches_of(session), done, total))
    return found


def require_unblind(project: Project, who: str, batches: Iterable[str]) -> None:
    """Whoever has images to judge yet must not see what they are; nor may a person who is not named.

    Raises:
        UserError: it would tell a reader, and the sentence says whose session is open.
    """
    names = set(batches)
    waiting = [one for one in open_sessions(project) if names & set(one.batches)]
    own = [one for one in waiting if one.reviewer == who]
    if own:
        left = own[0].total - own[0].done
        raise UserError(
            f"{who} has {left} of {own[0].total} images to judge yet, and this would tell which of them are "
            "generated: it waits until the session is finished."
        )
    if waiting and not who:
        told = ", ".join(one.words for one in waiting)
        raise UserError(f"Sessions are not finished ({told}): say who you are first, at the top right.")


def reveal(project: Project, session: ReviewSession, who: str) -> None:
    """Notes that the images were shown for what they are; from now on its verdicts stand.

    Raises:
        UserError: verdicts are missing yet.
    """
    if len(project.reviews.of_session(session.id)) < wanted(session):
        raise UserError("The session is not finished: what the images were is shown when all are judged.")
    known = revealed(project)
    if session.id not in known:
        project.set_setting(REVEALED, json.dumps(sorted({*known, session.id})))
        project.audit.append(who or session.reviewer, "review.reveal", f"session:{session.id}")


def revealed(project: Project) -> frozenset[int]:
    """Sessions whose images were shown for what they are."""
    return frozenset(json.loads(project.setting(REVEALED, "[]")))


def record(
    project: Project, session: ReviewSession, item: ReviewItem, verdict: Verdict | None, why: str, seen: Seen,
    moment: datetime | None = None,
) -> None:  # fmt: skip
    """Stores a verdict of a session, as its reader; a second call with the same moment stores nothing more.

    Raises:
        UserError: the session was revealed, or nothing could be saved.
    """
    if session.id in revealed(project):
        raise UserError(
            "What the images of this session are was shown already: a verdict now would not be blind, so "
            "those that were given stand."
        )
    batch = item.batch or session.batch
    project.reviews.record(session.id, batch, item, session.reviewer, verdict, why, seen, moment)


def keep_look(project: Project, session: ReviewSession, position: int, seconds: float) -> None:
    """How long the image was looked at that has no answer yet: a timed look is not given twice."""
    project.set_setting(f"{LOOK}.{session.id}", json.dumps([position, round(seconds, 3)]))


def begun_look(project: Project, session: ReviewSession) -> tuple[int, float] | None:
    """Position and seconds of the look that was under way when the session was left."""
    said = json.loads(project.setting(f"{LOOK}.{session.id}", "null"))
    return None if said is None else (int(said[0]), float(said[1]))


def require_fresh(project: Project, readers: Iterable[str], batches: Iterable[str]) -> None:
    """Who was shown what the images of a batch are cannot judge them blind any more.

    Raises:
        UserError: one of the readers was.
    """
    known, names, asked = revealed(project), set(batches), set(readers)
    for session in project.reviews.sessions() if known else ():
        if session.id in known and session.reviewer in asked and names & set(batches_of(session)):
            raise UserError(
                f"{session.reviewer} was shown what the images of batch {session.batch} are and cannot judge "
                "them blind any more: generate another batch, or ask another reader."
            )


def veiled(project: Project, rows: list[AuditRow]) -> list[AuditRow]:
    """Rows of the audit trail as they may be shown: without what an image of an unfinished session is."""
    if not any(row.action.startswith("review") for row in rows):
        return rows
    closed = {one.id for one in open_sessions(project)}
    return [_veiled(row) if _session_of(row) in closed else row for row in rows]


def found_rows(project: Project, rows: list[AuditRow], searched: bool) -> list[AuditRow]:
    """The same, of a search for words or a subject: that it finds a row would tell what is hidden in it."""
    shown = veiled(project, rows)
    return [row for row in shown if not is_veiled(row)] if searched else shown


def is_veiled(row: AuditRow) -> bool:
    """Whether something of it is hidden."""
    return row.subject == VEIL


def _session_of(row: AuditRow) -> int | None:
    for text in (row.after, row.before):
        try:
            found = json.loads(text).get("session_id") if text else None
        except (ValueError, AttributeError):  # a row that somebody altered is shown as it is
            return None
        if found is not None:
            return int(found)
    return None


def _veiled(row: AuditRow) -> AuditRow:
    return replace(row, subject=VEIL, before=_without(row.before), after=_without(row.after))


def _without(text: str) -> str:
    if not text:
        return text
    return json.dumps({name: value for name, value in json.loads(text).items() if name not in _TELLING})
