"""What the Agreement page works out off the GUI thread. Without Qt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from blasto_annotator.curation.adjudicating import Dispute, may_adjudicate, read_disputes
from blasto_annotator.curation.aggregation import Advice, advice
from blasto_annotator.curation.votes import read_votes
from blasto_annotator.domain.adjudication import Decided
from blasto_annotator.reports.agreement import (
    AgreementReport,
    CriterionReport,
    Looks,
    agreement_report,
    read_looks,
)
from blasto_annotator.store import Project


@dataclass(frozen=True)
class Overview:
    """Everything that was graded, and what is missing to compare it."""

    looks: Looks
    counts: tuple[tuple[str, int], ...]
    """Grader and graded moments, most first."""
    shared: int
    """Moments that two or more graded."""
    disputes: tuple[Dispute, ...]
    """Those that this grader may see."""
    hidden: int
    """Disputes that this grader has not graded and may not adjudicate."""
    may_adjudicate: bool
    steps: tuple[Decided, ...]
    """What this grader decided so far, oldest first."""
    advice: Advice | None
    """Which outcome the graders' usual errors make likeliest; shown on request only."""

    @property
    def comparable(self) -> bool:
        """Whether there is anything to show."""
        return self.shared > 0 or bool(self.looks.repeats)


def overview(project: Project, grader: str) -> Overview:
    """Reads the project's labels. Only adjudicators see the disputes of images that they have not graded."""
    looks = read_looks(project)
    rated = {name: {m for m, word in said.items() if word} for name, said in looks.said["expansion"].items()}
    images = Counter(moment for moments in rated.values() for moment in moments)
    counts = sorted(((name, len(moments)) for name, moments in rated.items()), key=lambda c: (-c[1], c[0]))
    disputes, may = read_disputes(project), may_adjudicate(project, grader)
    seen = tuple(dispute for dispute in disputes if may or grader in dispute.graders)
    shared = sum(number > 1 for number in images.values())
    model = advice(read_votes(project), project.scheme, "dawid-skene") if disputes else None
    steps = tuple(project.adjudications.steps(grader))
    return Overview(looks, tuple(counts), shared, seen, len(disputes) - len(seen), may, steps, model)


def figures(looks: Looks, criterion: str, graders: tuple[str, ...]) -> CriterionReport:
    """One criterion's report."""
    return agreement_report(looks, (criterion,), graders).criteria[0]


def whole_report(looks: Looks, graders: tuple[str, ...]) -> AgreementReport:
    """All criteria, for a file."""
    return agreement_report(looks, (), graders)


def what_is_missing(found: Overview) -> str:
    """What comparing graders needs, in one sentence."""
    if not found.counts:
        return "Once two people have graded the same frames on the Label page, they are compared here."
    if len(found.counts) == 1:
        name, count = found.counts[0]
        return f"{name} has graded {count:,} moments. Agreement needs a second grader on the same frames."
    who = ", ".join(f"{name} {count:,}" for name, count in found.counts)
    return f"Graded so far: {who}. They have no frame in common yet, so nothing can be compared."
