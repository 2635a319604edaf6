"""What a project's reviews prove: figures with intervals, how to read them, and where the formula is from."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from blasto_annotator.curation.batches import batch_info
from blasto_annotator.curation.blinding import batches_of
from blasto_annotator.curation.controls import meetings
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Mode, Realism, Review, ReviewSession, role_of
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.domain.statistics import Estimate, Share
from blasto_annotator.store import Project

WILSON = "Wilson 1927"
CRITERION = "Macmillan and Creelman 2005"
DPRIME = "Green and Swets 1966; correction Hautus 1995; variance Gourevitch and Galanter 1967"
FEW = 12
"""Embryos from which on an interval drawn by embryo holds about what it says."""


@dataclass(frozen=True)
class Figure:
    """One figure of a report."""

    name: str
    text: str
    """Value and interval, as written."""
    n: str
    """What was counted."""
    reading: str
    """What it says, in words."""
    source: str
    """Where the formula comes from."""
    value: Estimate
    """The same as numbers; shares from 0 to 1."""
    told: bool = False
    """Whether it stands on the first page."""


@dataclass(frozen=True)
class Grid:
    """A table of words and figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Evidence:
    """One question that the reviews answer."""

    title: str
    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Material:
    """The reviews that evidence is made of."""

    ratings: tuple[Review, ...]
    """Of plain sessions, one a reader and image."""
    answers: tuple[Review, ...]
    """Repeats, choices and pairs."""
    sessions: Mapping[int, ReviewSession]
    """The planned sessions that answers were given in."""
    taught: frozenset[int]
    """Sessions whose images were chosen for the expert scorer, not at random."""
    contests: Mapping[tuple[str, str], tuple[Review, ...]]
    """Two batches that were mixed blind in a rating session, the older first -> their ratings given there."""
    unlike: Mapping[tuple[str, str], str]
    """Such batches that were not made alike -> how they differ beside their models."""
    met: Mapping[str, frozenset[str]]
    """Reader -> hashes of the real frames whose embryo the reader had met before judging them."""
    embryos: Mapping[str, int]
    """Hash of a real frame that was judged -> the embryo that it shows."""
    scheme: Scheme
    classes: tuple[str, ...]
    batches: tuple[str, ...]
    """Those of the ratings, by age."""

    @property
    def margins(self) -> list[float]:
        """Planned equivalence margins of the choices."""
        choices = [session for session in self.sessions.values() if session.mode is Mode.CHOICE]
        return sorted({float(s.plan["margin"]) for s in choices if "margin" in s.plan})

    def rated(self, kind: ItemKind) -> list[Review]:
        """Ratings of realism."""
        return [r for r in self.ratings if r.kind is kind and is_rated(r)]

    def with_role(self, mode: Mode, repeat: bool = False) -> list[Review]:
        """Answers of one kind."""
        wanted = role_of(mode, repeat)
        return [review for review in self.answers if review.role == wanted]


def gather(
    project: Project,
    batch: str | None = None,
    reviewer: str | None = None,
    without: Collection[str] = (),
) -> Material:
    """The reviews of a batch and reviewer; None takes all but those of the batches in `without`."""
    planned = project.reviews.sessions()
    sessions = {s.id: s for s in planned if batch is None or batch in batches_of(s)}
    sessions = {key: s for key, s in sessions.items() if not set(without).intersection(batches_of(s))}
    answers = [r for r in project.reviews.answers() if r.session_id in sessions]
    answers = [r for r in answers if reviewer in (None, r.reviewer)]
    ratings = [r for r in project.reviews.current(batch, reviewer) if r.batch not in without]
    mixed = contests(project, sessions.values(), reviewer)
    return Material(
        ratings=tuple(ratings),
        answers=tuple(answers),
        sessions={key: sessions[key] for key in {r.session_id for r in answers if r.session_id is not None}},
        taught=frozenset(key for key, session in sessions.items() if session.plan.get("teach")),
        contests=mixed,
        unlike={pair: words for pair in mixed if (words := unlike(project, *pair))},
        met=_met(project, [*ratings, *answers], planned),
        embryos=_embryos(project, [*ratings, *answers]),
        scheme=project.scheme,
        classes=tuple(group.name for group in project.scheme.groups),
        batches=tuple(sorted({review.batch for review in ratings})),
    )


def sitting(review: Review) -> tuple[str, int | str]:
    """Reader and session; of imported verdicts the batch stands for the session."""
    return review.reviewer, review.batch if review.session_id is None else review.session_id


def met_words(material: Material, real: Sequence[Review]) -> tuple[str, ...]:
    """How many verdicts on real frames may have been given from memory."""
    known = sum(review.sha256 in material.met.get(review.reviewer, ()) for review in real)
    if not known:
        return ()
    words = (
        f"{known} of {len(real)} verdicts on real frames are of embryos that the reader had graded or judged "
        "before: they may have been recognised, which makes telling look easier than it is."
    )
    return (words,)


def embryo_words(material: Material, real: Sequence[Review]) -> tuple[str, ...]:
    """Whether real frames share embryos, and what the intervals make of it."""
    frames = {review.sha256 for review in real}
    embryos = {material.embryos.get(sha256, sha256) for sha256 in frames}
    if len(embryos) == len(frames):
        return ()
    words = (
        f"The {len(frames)} real frames show {len(embryos)} embryos. Frames of one embryo are alike, so the "
        "intervals of these figures draw embryos, not frames; those of the tables take frames as independent."
    )
    few = (
        f" {len(embryos)} embryos are few: such an interval is still too narrow."
        if len(embryos) < FEW
        else ""
    )
    return (words + few,)


def _embryos(project: Project, reviews: Sequence[Review]) -> dict[str, int]:
    hashes = sorted({review.sha256 for review in reviews if review.kind is ItemKind.REAL})
    return {sha256: frames[0].embryo_id for sha256, frames in project.frames.by_hashes(hashes).items()}


def _met(
    project: Project, reviews: Sequence[Review], sessions: Sequence[ReviewSession]
) -> dict[str, frozenset[str]]:
    """Of each reader the real frames whose embryo was met before the first session that shows it."""
    found: dict[str, set[str]] = {}
    first: dict[tuple[str, str], int] = {}
    for review in reviews:
        if review.kind is ItemKind.REAL and review.session_id is not None:
            key = review.reviewer, review.sha256
            first[key] = min(review.session_id, first.get(key, review.session_id))
    frames = {item.sha256: item.frame_id for s in sessions for item in s.items if item.frame_id is not None}
    embryos = {n: frame.embryo for n, frame in project.frames.many(frames.values()).items()}
    planned = {session.id: session for session in sessions}
    walks = {reader: meetings(project, reader, sessions) for reader in sorted({name for name, _ in first})}
    for (reader, sha256), session in first.items():
        embryo = embryos.get(frames.get(sha256, -1), "")
        if walks[reader].before(embryo, planned[session]):
            found.setdefault(reader, set()).add(sha256)
    return {reader: frozenset(known) for reader, known in found.items()}


def contests(
    project: Project, sessions: Iterable[ReviewSession], reviewer: str | None = None
) -> dict[tuple[str, str], tuple[Review, ...]]:
    """Ratings of generated images that were given in a blind mix of two batches, drawn at random."""
    found: dict[tuple[str, str], tuple[Review, ...]] = {}
    for session in sessions:
        batches = sorted(batches_of(session))
        fits = session.mode.rates and len(batches) == 2 and not session.plan.get("teach")
        if fits and reviewer in (None, session.reviewer):
            said = project.reviews.of_session(session.id).values()
            rated = tuple(r for r in said if not r.role and r.kind is ItemKind.GENERATED and is_rated(r))
            older, newer = batches
            found[older, newer] = (*found.get((older, newer), ()), *rated)
    return found


def unlike(project: Project, first: str, second: str) -> str:
    """How the making of two batches differs beside their models; empty where it does not, or is not known."""
    try:
        made = [batch_info(project, name) for name in (first, second)]
    except UserError:
        return ""
    said = []
    if made[0].truncation != made[1].truncation:
        said.append(f"their truncation differs ({made[0].truncation:g} and {made[1].truncation:g})")
    chose = [(one.scorer or {}).get("accept", 0.0) for one in made]
    if chose[0] != chose[1] or (any(chose) and len({(one.scorer or {}).get("id") for one in made}) > 1):
        names = [name for name, accept in zip((first, second), chose, strict=True) if accept]
        said.append(f"an expert scorer chose the images of {' and '.join(names)}, and not of both alike")
    return " and ".join(said)


def is_rated(review: Review) -> bool:
    """Whether it says how real the image looks."""
    return review.verdict is not None and review.verdict.realism is not None


def is_perfect(review: Review) -> bool:
    """Whether the reader could not tell it from a real embryo."""
    return review.verdict is not None and review.verdict.realism is Realism.PERFECT


def percent(value: float) -> str:
    """`34.7 %`; a dash for NaN."""
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def p_text(p: float) -> str:
    """`p 0.013`; `p < 0.001` below."""
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}"


def share_text(share: Share | Estimate) -> str:
    """`34.7 % (29.5 to 40.2)`; a dash for NaN."""
    if math.isnan(share.value):
        return "–"
    return f"{percent(share.value)} ({100 * share.low:.1f} to {100 * share.high:.1f})"


def share_figure(
    name: str, share: Share | Estimate, n: str, reading: str, source: str, told: bool = False
) -> Figure:
    """A share with its interval."""
    known = not math.isnan(share.value)
    text = f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)})" if known else "–"
    return Figure(name, text, n, reading, source, Estimate(share.value, share.low, share.high), told)


def number_figure(
    name: str, value: Estimate, n: str, reading: str, source: str, told: bool = False
) -> Figure:
    """A number with its interval."""
    known = not math.isnan(value.value)
    text = f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})" if known else "–"
    return Figure(name, text, n, reading, source, value, told)


def dprime_words(found: Estimate) -> str:
    """What d' and its interval say."""
    if math.isnan(found.value):
        return "Needs generated and real images."
    if found.low > 0:
        return "Above 0: generated images are told from real ones better than by chance."
    if found.high < 0:
        return "Below 0: real frames look less real to the readers than generated ones."
    return "0 lies in the interval: not shown that readers can tell; see how wide it is."


def bias_words(found: Estimate) -> str:
    """What the criterion and its interval say."""
    if math.isnan(found.value):
        return "Needs generated and real images."
    if found.high < 0:
        return "Readers prefer to answer “generated”."
    return "Readers prefer to answer “real”." if found.low > 0 else "No preference for either answer shown."


def by_class(reviews: Sequence[Review], classes: Sequence[str]) -> list[tuple[str, list[Review]]]:
    """(class, its reviews) in the scheme's order, classes without reviews left out."""
    found = [(name, [review for review in reviews if review.class_name == name]) for name in classes]
    return [(name, own) for name, own in found if own]
