"""The realism review as figures: a table per class and pooled, in the shape of the source's Table 2.

A row counts verdicts: perfect, minor flaws and implausible among those that rated realism, and wrong class
among all (wrong class is independent, and may be said alone). Shares carry 95 % Wilson intervals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from blasto_annotator.curation.blinding import OpenSession, open_sessions
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Realism, Review, Verdict, defect_title
from blasto_annotator.domain.statistics import Estimate, Share, wilson
from blasto_annotator.reports.evidence import Evidence, is_perfect, is_rated
from blasto_annotator.reports.evidence_questions import evidence
from blasto_annotator.reports.model_card import model_card
from blasto_annotator.reports.nearest import Beside, beside, near_evidence
from blasto_annotator.reports.over_readers import matrix, reviewers, widened
from blasto_annotator.store import Project
from gan.contract.batch_folder import BatchInfo, read_batch

POOLED = "pooled"
ALL = "all"


@dataclass(frozen=True)
class Row:
    """Verdicts on one class, or on all of them (`pooled`)."""

    class_name: str
    verdicts: int
    """All verdicts: the total of `wrong_class`."""
    perfect: Share
    minor_flaws: Share
    implausible: Share
    wrong_class: Share


@dataclass(frozen=True)
class Section:
    """Rows of one selection of reviews."""

    batch: str
    """A batch, or `all`."""
    reviewer: str
    """A reviewer, or `all`."""
    generated: tuple[Row, ...]
    """One a class, then pooled; empty where no generated image was rated."""
    real: tuple[Row, ...]
    """The same of the real controls that were mixed in; empty where there were none."""
    perfect: Estimate | None
    """Share of generated images rated perfect, its interval over readers and images where several read;
    None where none was rated."""
    defects: tuple[tuple[str, int], ...]
    """Defect and how many generated images show it, commonest first."""


@dataclass(frozen=True)
class ReviewTable:
    """A project's review report."""

    project: str
    created_utc: str
    batches: tuple[BatchInfo, ...]
    """Those reviewed, newest first, as far as their folders are still there."""
    batch_names: tuple[str, ...]
    reviewers: tuple[str, ...]
    images: int
    """Distinct images with a verdict."""
    sections: tuple[Section, ...]
    """The whole first; then each batch and each reviewer, where there are several."""
    evidence: tuple[Evidence, ...]
    """What the reviews answer, question by question."""
    unfinished: tuple[str, ...] = ()
    """Sessions on these batches that are not finished, such as `Ana 7 of 33`."""
    left_out: tuple[str, ...] = ()
    """Sessions that are not finished and whose batches were left out, lest the figures tell their readers."""
    cards: tuple[Evidence, ...] = ()
    """Model cards of what generated the batches, as far as the checkpoints are still there."""
    nearest: tuple[Beside, ...] = ()
    """Generated images of the reviewed batches beside their nearest real frames, nearest first."""

    @property
    def whole(self) -> Section:
        """All ratings together; without rows where there are only answers to choices and pairs."""
        return self.sections[0] if self.sections else Section(ALL, ALL, (), (), None, ())


def review_table(
    project: Project,
    batch: str | None = None,
    reviewer: str | None = None,
    beside_published: bool = True,
    blind: bool = False,
) -> ReviewTable:
    """Counts the current verdicts of a batch and reviewer (None: all of them).

    `beside_published` lays the published review beside them. `blind` leaves out whatever would tell a reader
    of a session that is not finished what its images are: for whoever is not known to be none of them.

    Raises:
        UserError: nothing has been rated, or all of it is left out.
    """
    waiting = (
        [one for one in open_sessions(project) if batch is None or batch in one.batches] if blind else []
    )
    without = {name for one in waiting for name in one.batches}
    reviews = [r for r in project.reviews.current(batch, reviewer) if r.verdict is not None]
    reviews = [r for r in reviews if r.batch not in without]
    answers = [r for r in project.reviews.answers(batch) if reviewer in (None, r.reviewer)]
    answers = [r for r in answers if r.batch not in without]
    found = evidence(project, batch, reviewer, beside_published, without)
    if not reviews and not found:
        raise UserError(_waits(waiting) if waiting else _nothing(batch, reviewer))
    judged = [*reviews, *answers]
    names = tuple(sorted({review.batch for review in judged}, reverse=True))
    classes = [group.name for group in project.scheme.groups]
    nearest = beside(project, names, reviews)
    guard = near_evidence(nearest)
    infos = tuple(info for name in names if (info := _batch_info(project, name)) is not None)
    return ReviewTable(
        project=project.name,
        created_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        batches=infos,
        batch_names=names,
        reviewers=tuple(reviewers(judged)),
        images=len({(review.batch, review.sha256) for review in judged}),
        sections=tuple(_sections(reviews, classes)),
        evidence=(*found, guard) if guard is not None else tuple(found),
        unfinished=tuple(one.words for one in open_sessions(project) if set(one.batches) & set(names)),
        left_out=tuple(one.words for one in waiting),
        cards=tuple(_cards(project, infos)),
        nearest=nearest,
    )


def _cards(project: Project, infos: Iterable[BatchInfo]) -> Iterable[Evidence]:
    """One of each model."""
    places = {info.model: project.batches / info.id / info.checkpoint for info in infos if info.checkpoint}
    for place in places.values():
        try:
            yield model_card(project, place.resolve())
        except UserError:  # the checkpoint is gone
            continue


def _sections(reviews: Sequence[Review], classes: Sequence[str]) -> Iterable[Section]:
    batches = sorted({review.batch for review in reviews}, reverse=True)
    readers = reviewers(reviews)

    def section(batch: str, reviewer: str) -> Section:
        chosen = [r for r in reviews if batch in (ALL, r.batch) and reviewer in (ALL, r.reviewer)]
        return _section(chosen, classes, batch, reviewer)

    if not reviews:
        return
    only_batch = batches[0] if len(batches) == 1 else ALL
    only_reviewer = readers[0] if len(readers) == 1 else ALL
    yield section(only_batch, only_reviewer)
    if len(batches) > 1:
        yield from (section(name, only_reviewer) for name in batches)
    if len(readers) > 1:
        yield from (section(only_batch, name) for name in readers)


def _section(reviews: Sequence[Review], classes: Sequence[str], batch: str, reviewer: str) -> Section:
    generated = [review for review in reviews if review.kind is ItemKind.GENERATED]
    real = [review for review in reviews if review.kind is ItemKind.REAL]
    tables = _rows(generated, classes), _rows(real, classes)
    return Section(batch, reviewer, *tables, _perfect(generated), _defects(_verdicts(generated)))


def _perfect(generated: Sequence[Review]) -> Estimate | None:
    rated = [review for review in generated if is_rated(review)]
    if not rated:
        return None
    scores = matrix(rated, reviewers(rated), is_perfect)
    return widened(wilson(sum(map(is_perfect, rated)), len(rated)), scores)


def _rows(reviews: Sequence[Review], classes: Sequence[str]) -> tuple[Row, ...]:
    """A row per class in the scheme's order (other classes after), then pooled."""
    if not reviews:
        return ()
    others = sorted({review.class_name for review in reviews} - set(classes))
    names = [name for name in (*classes, *others) if any(review.class_name == name for review in reviews)]
    by_class = [_row(name, _verdicts(r for r in reviews if r.class_name == name)) for name in names]
    return (*by_class, _row(POOLED, _verdicts(reviews)))


def _row(name: str, verdicts: Sequence[Verdict]) -> Row:
    rated = [verdict for verdict in verdicts if verdict.realism is not None]

    def share(realism: Realism) -> Share:
        return wilson(_number(rated, lambda verdict: verdict.realism is realism), len(rated))

    return Row(
        class_name=name,
        verdicts=len(verdicts),
        perfect=share(Realism.PERFECT),
        minor_flaws=share(Realism.MINOR_FLAWS),
        implausible=share(Realism.IMPLAUSIBLE),
        wrong_class=wilson(_number(verdicts, lambda verdict: verdict.wrong_class), len(verdicts)),
    )


def _number(verdicts: Sequence[Verdict], holds: Callable[[Verdict], bool]) -> int:
    return sum(1 for verdict in verdicts if holds(verdict))


def _verdicts(reviews: Iterable[Review]) -> list[Verdict]:
    return [review.verdict for review in reviews if review.verdict is not None]


def _defects(verdicts: Sequence[Verdict]) -> tuple[tuple[str, int], ...]:
    counts = Counter(code for verdict in verdicts for code in verdict.defects)
    return tuple((defect_title(code), number) for code, number in counts.most_common())


def _batch_info(project: Project, name: str) -> BatchInfo | None:
    try:
        return read_batch(project.batches / name)
    except (OSError, ValueError, KeyError):
        return None


def _waits(waiting: Sequence[OpenSession]) -> str:
    told = ", ".join(one.words for one in waiting)
    return (
        f"These figures wait: sessions are not finished ({told}), and they would tell which images are "
        "generated. The Reports page of the window shows them to whoever has nothing left to judge."
    )


def _nothing(batch: str | None, reviewer: str | None) -> str:
    where = f" of batch {batch}" if batch else ""
    by = f" by {reviewer}" if reviewer else ""
    return (
        f"No image{where} has been rated{by} yet: review a batch on the Review page, "
        "or import verdicts with “blasto-annotator reviews import”."
    )
