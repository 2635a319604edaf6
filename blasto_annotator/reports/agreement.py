"""How graders agree: every criterion's figures, out of a project's labels or out of tables of grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from blasto_annotator.curation.votes import Vote, read_votes
from blasto_annotator.domain.agreement import MIN_SHARED, Agreement, agreement
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.raters import MISSING, Floats, Ratings, make_ratings
from blasto_annotator.domain.raters_criteria import category, check_criteria, is_ordered, scale
from blasto_annotator.domain.raters_drift import Drift, Within, drifts, within
from blasto_annotator.domain.raters_scales import ScaleFinding, scale_findings
from blasto_annotator.domain.repeats import RepeatPair
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.reports.agreement_advice import ModelAdvice, model_advice
from blasto_annotator.store import Project

Said = Mapping[str, Mapping[str, Mapping[str, str | None]]]
"""criterion -> grader -> image -> category."""
DERIVED = "group"
"""Follows from the letters: a grader's scale is looked at there."""


@dataclass(frozen=True)
class Looks:
    """What graders said, before any figure is made of it."""

    name: str
    """The project's, or the tables'."""
    scheme: Scheme
    said: Said
    embryo_of: Mapping[str, str] = field(default_factory=dict)
    time_of: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """grader -> image -> when, in seconds."""
    repeats: Sequence[RepeatPair] = ()
    repeat_embryo: Mapping[int, str] = field(default_factory=dict)
    """Frame id -> embryo, of the repeats."""

    @property
    def graders(self) -> tuple[str, ...]:
        """By name, as people sort it."""
        names = {name for of_criterion in self.said.values() for name in of_criterion}
        return tuple(sorted(names, key=lambda name: (len(name) if name.isdigit() else 99, name.casefold())))


@dataclass(frozen=True)
class CriterionReport:
    """All that is said of one criterion."""

    criterion: str
    result: Agreement
    scales: tuple[ScaleFinding, ...]
    drifts: tuple[Drift, ...]
    within: tuple[Within, ...]
    advice: tuple[ModelAdvice, ...] = ()
    """Of the group only."""


@dataclass(frozen=True)
class AgreementReport:
    """All that is said of a group of graders."""

    name: str
    scheme: Scheme
    created_utc: str
    graders: tuple[str, ...]
    criteria: tuple[CriterionReport, ...]


def agreement_report(
    looks: Looks,
    criteria: tuple[str, ...] = (),
    graders: tuple[str, ...] = (),
    resamples: int = 1000,
    seed: int = 0,
    min_shared: int = MIN_SHARED,
) -> AgreementReport:
    """The figures of these graders (all by default) on these criteria (all by default).

    Raises:
        UserError: an unknown grader or criterion, or fewer than two graders and no repeats.
    """
    chosen = _chosen_graders(looks, graders)
    parts = []
    for criterion in check_criteria(criteria):
        ratings = _ratings(looks, criterion).of(chosen)
        scales = scale_findings(ratings, seed) if criterion != DERIVED else ()
        turned = {finding.grader for finding in scales if finding.reversed}
        moved = drifts(ratings, _order(looks, ratings), seed)
        parts.append(
            CriterionReport(
                criterion=criterion,
                result=agreement(ratings, resamples, seed, min_shared),
                scales=scales,
                # On a scale that is turned round, the mix of images looks like a drift.
                drifts=tuple(drift for drift in moved if drift.grader not in turned),
                within=_within(looks, criterion, chosen, resamples, seed),
                advice=model_advice(ratings) if criterion == DERIVED else (),
            )
        )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return AgreementReport(looks.name, looks.scheme, now, chosen, tuple(parts))


def read_looks(project: Project, scheme: Scheme | None = None) -> Looks:
    """What the project's graders said, by moment, and their silent repeats, read by the project's scheme."""
    votes, scheme = read_votes(project), scheme or project.scheme
    repeats = list({pair.first.id: pair for pair in project.repeats.pairs()}.values())  # the newest counts
    frames = project.frames.many({pair.again.frame_id for pair in repeats})
    said = {name: _said(votes, name, scheme) for name in check_criteria(())}
    times: dict[str, dict[str, float]] = {}
    for vote in votes:
        times.setdefault(vote.grader, {})[vote.moment] = vote.label.time_utc.timestamp()
    embryo_of = {vote.moment: vote.frame.embryo for vote in votes}
    repeat_embryo = {number: frame.embryo for number, frame in frames.items()}
    return Looks(project.name, scheme, said, embryo_of, times, tuple(repeats), repeat_embryo)


def _said(votes: Sequence[Vote], criterion: str, scheme: Scheme) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for vote in votes:
        found.setdefault(vote.grader, {})[vote.moment] = category(criterion, vote.grade, scheme)
    return found


def _chosen_graders(looks: Looks, graders: tuple[str, ...]) -> tuple[str, ...]:
    known = looks.graders
    unknown = [name for name in graders if name not in known]
    if unknown:
        there = ", ".join(known) or "nobody yet"
        raise UserError(f"“{unknown[0]}” has graded nothing in {looks.name}; there are: {there}.")
    chosen = graders or known
    if len(chosen) < 2 and not looks.repeats:
        there = f"labels of {chosen[0]} only" if chosen else "no labels yet"
        raise UserError(f"{looks.name} has {there}: agreement needs two graders who graded the same images.")
    return chosen


def _ratings(looks: Looks, criterion: str) -> Ratings:
    """Every grader's ratings; letters that a grade has and the scheme lacks stand after the scheme's."""
    said = {name: looks.said[criterion].get(name, {}) for name in looks.graders}
    return make_ratings(
        criterion, _scale(looks, criterion), is_ordered(criterion, looks.scheme), said, looks.embryo_of
    )


def _scale(looks: Looks, criterion: str) -> tuple[str, ...]:
    known = scale(criterion, looks.scheme)
    words = {word for images in looks.said[criterion].values() for word in images.values() if word}
    words |= {w for p in looks.repeats for w in _both(p, criterion, looks.scheme) if w}
    return (*known, *sorted(words - set(known)))


def _order(looks: Looks, ratings: Ratings) -> Floats:
    """(graders, images) when each grade was given; NaN where it is not known."""
    times = np.full(ratings.values.shape, np.nan)
    for row, name in enumerate(ratings.graders):
        known = looks.time_of.get(name, {})
        times[row] = [known.get(image, np.nan) for image in ratings.images]
    return np.where(ratings.values == MISSING, np.nan, times)


def _within(
    looks: Looks, criterion: str, graders: tuple[str, ...], resamples: int, seed: int
) -> tuple[Within, ...]:
    rows: dict[str, list[tuple[str, str, str | None, str | None]]] = {}
    for pair in looks.repeats:
        if pair.again.grader in graders:
            embryo = looks.repeat_embryo.get(pair.again.frame_id, str(pair.again.frame_id))
            first, second = _both(pair, criterion, looks.scheme)
            rows.setdefault(pair.again.grader, []).append((str(pair.again.id), embryo, first, second))
    ordered = is_ordered(criterion, looks.scheme)
    return within(criterion, _scale(looks, criterion), ordered, rows, resamples, seed)


def _both(pair: RepeatPair, criterion: str, scheme: Scheme) -> tuple[str | None, str | None]:
    first = pair.first.entry.grade if pair.first.entry is not None else None
    return category(criterion, first, scheme), category(criterion, pair.again.entry.grade, scheme)
