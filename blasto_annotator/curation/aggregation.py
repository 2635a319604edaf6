"""Whose word counts for a snapshot where several people graded: one decided label an image.

- `adjudicated`: the adjudicator's decision; where there is none, what most graders say; a tie stays out.
- `majority`: what most graders say; a tie stays out.
- `one-coin`, `dawid-skene`: the outcome that the model finds likeliest among those that somebody said.
- `grader`: one grader's labels alone.

Votes are counted by moment, so that graders who looked at different focal planes are heard together. What
counts is the outcome (the group, no group, not gradable); the raw grade is the commonest of those with it,
of equally common ones the newest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from blasto_annotator.curation.adjudicating import decisions_by_moment
from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.curation.votes import Vote, by_moment, every_vote, voiced, votes_of
from blasto_annotator.domain.adjudication import Adjudication, outcome
from blasto_annotator.domain.aggregation import Opinion, counts_of, dawid_skene, majority, one_coin
from blasto_annotator.domain.labels import Label
from blasto_annotator.domain.raters import make_ratings
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store import Project

LABELLED = "labelled"
TIE = "graders disagree and nobody adjudicated"
_MODELS = {"one-coin": one_coin, "dawid-skene": dawid_skene}


@dataclass(frozen=True)
class Chosen:
    """The label that counts for an image."""

    label: Label
    """Its entry is what was decided; its grader names whoever decided."""
    reason: str


@dataclass(frozen=True)
class Advice:
    """What a model makes of the graders' words."""

    method: str
    rows: Mapping[str, int]
    """Moment -> its row in the posterior."""
    outcomes: tuple[str, ...]
    graders: tuple[str, ...]
    opinion: Opinion

    def likeliest(self, moment: str, among: Sequence[str]) -> tuple[str, float]:
        """The likeliest of these outcomes, and its probability."""
        row = self.opinion.posterior[self.rows[moment]]
        best = max(among, key=lambda name: float(row[self.outcomes.index(name)]))
        return best, float(row[self.outcomes.index(best)])


def choose_labels(project: Project, options: SnapshotOptions) -> tuple[list[Chosen], Counter[str]]:
    """One label an image, in the order of the images' hashes, and images left out by reason."""
    if options.labels_by == "grader":
        return _of_one_grader(project, options.grader), Counter()
    labels = project.labels.current()
    frames = project.frames.many({label.frame_id for label in labels})
    votes = votes_of(labels, frames)
    images: dict[str, dict[str, dict[str, Label]]] = {}
    for vote in every_vote(labels, frames):
        of_image = images.setdefault(vote.moment, {}).setdefault(vote.label.sha256, {})
        of_image[vote.grader] = vote.label
    rule = _Rule(project, options.labels_by, votes)
    chosen: list[Chosen] = []
    left_out: Counter[str] = Counter()
    for moment, of_moment in by_moment(votes).items():
        found = rule.decide(moment, of_moment)
        for sha256, by_grader in images[moment].items():
            if found is None:
                left_out[TIE] += 1
            elif found.reason == LABELLED and found.label.grader in by_grader:
                chosen.append(Chosen(by_grader[found.label.grader], LABELLED))
            else:
                seen = next(iter(by_grader.values()))
                label = replace(found.label, sha256=sha256, frame_id=seen.frame_id)
                chosen.append(replace(found, label=label))
    return sorted(chosen, key=lambda one: one.label.sha256), left_out


def advice(votes: Sequence[Vote], scheme: Scheme, method: str) -> Advice | None:
    """A model's opinion of every moment; None where nobody has voted.

    Raises:
        KeyError: no such method.
    """
    model = _MODELS[method]
    said: dict[str, dict[str, str | None]] = {}
    for vote in (vote for of_moment in by_moment(votes).values() for vote in voiced(of_moment, scheme)):
        said.setdefault(vote.grader, {})[vote.moment] = outcome(vote.grade, scheme)
    outcomes = sorted({word for words in said.values() for word in words.values() if word})
    if not outcomes:
        return None
    ratings = make_ratings("group", outcomes, False, said)
    rows = {moment: row for row, moment in enumerate(ratings.images)}
    return Advice(method, rows, tuple(outcomes), ratings.graders, model(counts_of(ratings)))


class _Rule:
    """How the votes of a moment become one label."""

    def __init__(self, project: Project, method: str, votes: Sequence[Vote]) -> None:
        self._scheme = project.scheme
        self._method = method
        self._decisions: Mapping[str, Adjudication] = {}
        if method == "adjudicated":
            self._decisions = decisions_by_moment(project, votes)
        self._advice = advice(votes, self._scheme, method) if method in _MODELS else None

    def decide(self, moment: str, votes: Sequence[Vote]) -> Chosen | None:
        """The label of a moment; None where its graders are tied."""
        decision = self._decisions.get(moment)
        if decision is not None and decision.entry is not None:
            label = replace(votes[-1].label, entry=decision.entry, grader=decision.adjudicator)
            return Chosen(label, "adjudicated")
        votes = voiced(votes, self._scheme)
        words = [outcome(vote.grade, self._scheme) for vote in votes]
        if self._advice is not None:
            best, probability = self._advice.likeliest(moment, sorted(set(words)))
            return self._follow(votes, words, best, f"{self._method} {probability:.2f}")
        if len(votes) == 1:
            return Chosen(votes[0].label, LABELLED)
        most = majority(words)
        if most is None:
            return None
        return self._follow(votes, words, most, f"majority {words.count(most)} of {len(words)}")

    @staticmethod
    def _follow(votes: Sequence[Vote], words: Sequence[str], best: str, reason: str) -> Chosen:
        """The commonest grade with this outcome, in the name of all who gave the outcome."""
        followed = [vote for vote, word in zip(votes, words, strict=True) if word == best]
        names = "+".join(sorted({vote.grader for vote in followed}))
        given = Counter(vote.grade for vote in followed)
        commonest = [vote for vote in followed if given[vote.grade] == max(given.values())]
        return Chosen(replace(commonest[-1].label, grader=names), reason)


def _of_one_grader(project: Project, grader: str | None) -> list[Chosen]:
    labels = sorted(project.labels.current(grader), key=lambda label: label.sha256)
    return [Chosen(label, LABELLED) for label in labels]
