"""Everybody's current labels, brought together by moment: what graders are compared and combined on.

A vote is a grader's newest label of a moment, whatever its focal plane: two graders who looked at different
planes of one moment graded the same embryo at the same time. Labels that were inherited from a near-identical
frame are no second look and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blasto_annotator.domain.adjudication import abstains
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import Label
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store import Project

INHERITED = "inherited"
"""How the reason of a label begins that was taken over from a near-identical frame."""


@dataclass(frozen=True)
class Vote:
    """A grader's word on a moment."""

    label: Label
    frame: Frame
    moment: str
    """Names the moment within the project."""

    @property
    def grader(self) -> str:
        """Who said it."""
        return self.label.grader

    @property
    def grade(self) -> Grade | None:
        """None: not gradable."""
        return self.label.entry.grade if self.label.entry is not None else None


def read_votes(project: Project) -> list[Vote]:
    """Every grader's newest label of each moment, oldest first."""
    labels = [label for label in project.labels.current() if not label.why.startswith(INHERITED)]
    return votes_of(labels, project.frames.many({label.frame_id for label in labels}))


def votes_of(labels: Iterable[Label], frames: Mapping[int, Frame]) -> list[Vote]:
    """The newest of these labels a grader and moment, oldest first."""
    newest: dict[tuple[str, str], Vote] = {}
    for vote in every_vote(labels, frames):
        newest.pop((vote.grader, vote.moment), None)
        newest[vote.grader, vote.moment] = vote
    return list(newest.values())


def every_vote(labels: Iterable[Label], frames: Mapping[int, Frame]) -> list[Vote]:
    """Every label as a vote, oldest first. Copies of one file in two sources are one moment."""
    moments: dict[str, str] = {}
    votes = []
    for label in sorted(labels, key=lambda label: (label.time_utc, label.id)):
        frame = frames[label.frame_id]
        votes.append(Vote(label, frame, moments.setdefault(label.sha256, _moment_name(frame))))
    return votes


def _moment_name(frame: Frame) -> str:
    """The source, the embryo and the place in time; the file where a frame has no time and no plane."""
    place = frame.path if frame.plane is None else ""
    if frame.index is not None:
        place = str(frame.index)
    elif frame.hpi is not None:
        place = f"{frame.hpi!r} h"
    return f"{frame.source_id}/{frame.embryo} · {place}"


def voiced(votes: Sequence[Vote], scheme: Scheme) -> list[Vote]:
    """Those that say something of the group: a grade that leaves its letters out abstains.

    Where all abstain, all are returned.
    """
    found = [vote for vote in votes if not abstains(vote.grade, scheme)]
    return found or list(votes)


def by_moment(votes: Iterable[Vote]) -> dict[str, list[Vote]]:
    """Moment -> its votes."""
    found: dict[str, list[Vote]] = {}
    for vote in votes:
        found.setdefault(vote.moment, []).append(vote)
    return found
