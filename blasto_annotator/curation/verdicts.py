"""What reviews do to the next training set. Only perfect images of the right class may join, under a cap."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blasto_annotator.curation.blinding import open_sessions
from blasto_annotator.curation.items import GENERATED, Item
from blasto_annotator.curation.near_copies import ensure_searched, kept_out
from blasto_annotator.curation.options import SnapshotOptions, plural
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Realism, Review
from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.store import Project

PERFECT, WRONG_CLASS, CONTROL = Realism.PERFECT.value, "wrong_class", "real_control"
WAITING = "unfinished_session"
_WORST_FIRST = (Realism.IMPLAUSIBLE, Realism.MINOR_FLAWS, Realism.PERFECT)


@dataclass(frozen=True)
class Reviewed:
    """Generated images by their verdict, and how many verdicts real control frames got."""

    by_verdict: Mapping[str, tuple[Review, ...]]
    """One review stands for each image; several reviewers count as their most critical."""
    controls: int
    waiting: int = 0
    """Verdicts of sessions that are not finished."""


def read_reviews(project: Project) -> Reviewed:
    """Sorts the current reviews of all batches; those of unfinished sessions wait.

    A reader who saw the counts grow with a verdict would know what its image was.
    """
    of_image: dict[tuple[str, str], list[Review]] = {}
    unfinished = {one.id for one in open_sessions(project)}
    given = project.reviews.current()
    reviews = [review for review in given if review.session_id not in unfinished]
    for review in reviews:
        if review.kind is ItemKind.GENERATED and review.verdict is not None:
            of_image.setdefault((review.batch, review.sha256), []).append(review)
    by_verdict: dict[str, list[Review]] = {}
    for _, said in sorted(of_image.items()):
        by_verdict.setdefault(_verdict(said), []).append(said[0])
    controls = sum(review.kind is ItemKind.REAL for review in reviews)
    sorted_out = {name: tuple(found) for name, found in by_verdict.items()}
    return Reviewed(sorted_out, controls, len(given) - len(reviews))


def choose_generated(
    project: Project, reviewed: Reviewed, options: SnapshotOptions, training: Mapping[str, int]
) -> tuple[list[Item], Counter[str]]:
    """Perfect images for the training split, and how many stay out for which reason.

    `training` counts the real training images of each class. The rarest class is served first, and a class
    without real training images gets none. At most `generated_cap` of the whole training split is generated.
    """
    left_out: Counter[str] = Counter()
    waiting: dict[str, list[Item]] = {name: [] for name, count in training.items() if count}
    perfect = reviewed.by_verdict.get(PERFECT, ()) if options.include_generated else ()
    unknown = ensure_searched(project, sorted({review.batch for review in perfect}))
    copies = kept_out(project) if perfect else frozenset()
    for review in sorted(perfect, key=lambda review: _shuffled(review.sha256, options.seed)):
        if review.sha256 in copies:
            left_out["near copy of a real frame, which nobody has let pass"] += 1
            continue
        item = _item(project, review)
        if item is None:
            left_out["generated image gone or changed since its review"] += 1
        elif review.batch in unknown:
            left_out["generated image that could not be searched for near copies"] += 1
        elif review.class_name not in waiting:
            left_out["generated image of a class without real training images"] += 1
        else:
            waiting[review.class_name].append(item)
    room = int(options.generated_cap / (1 - options.generated_cap) * sum(training.values()) + 1e-9)
    chosen = _fill(waiting, training, room)
    over = sum(map(len, waiting.values())) - len(chosen)
    if over:
        left_out[f"generated image over the cap of {options.generated_cap:.0%}"] += over
    return chosen, left_out


def explain(reviewed: Reviewed, options: SnapshotOptions, joined: int) -> dict[str, str]:
    """A sentence for each kind of verdict that was given, with its count."""
    counts = {name: len(found) for name, found in reviewed.by_verdict.items()}
    fates = {
        Realism.MINOR_FLAWS.value: "with minor flaws: never train",
        Realism.IMPLAUSIBLE.value: "implausible: never train",
        WRONG_CLASS: "of the wrong class: never train",
    }
    said = {PERFECT: _perfect_sentence(counts[PERFECT], options, joined)} if counts.get(PERFECT) else {}
    for name, fate in fates.items():
        if counts.get(name):
            said[name] = f"{plural(counts[name], 'generated image')} {fate}."
    if reviewed.controls:
        verdicts = plural(reviewed.controls, "verdict")
        said[CONTROL] = f"{verdicts} on real frames: they measure the reviewer and change nothing."
    if reviewed.waiting:
        verdicts = plural(reviewed.waiting, "verdict")
        said[WAITING] = f"{verdicts} of unfinished sessions: they count once the session is finished."
    return said


def _perfect_sentence(count: int, options: SnapshotOptions, joined: int) -> str:
    whose = "its" if count == 1 else "their"
    text = f"{plural(count, 'generated image')} rated perfect and of {whose} class:"
    if not options.include_generated:
        return f"{text} {'stays' if count == 1 else 'stay'} out, because only real frames were chosen."
    cap = f"at most {options.generated_cap:.0%} of it"
    return f"{text} {joined} into the training split ({cap}), {count - joined} stay out; never val or test."


def _verdict(given: Iterable[Review]) -> str:
    """Wrong class weighs most, then the least realistic rating."""
    verdicts = [review.verdict for review in given if review.verdict is not None]
    if any(verdict.wrong_class for verdict in verdicts):
        return WRONG_CLASS
    ratings = {verdict.realism for verdict in verdicts}
    return next(rating.value for rating in _WORST_FIRST if rating in ratings)


def _item(project: Project, review: Review) -> Item | None:
    path = project.batches / review.batch / review.image
    try:
        if sha256_file(path) != review.sha256:
            return None
    except UserError:  # counted by the caller with its reason
        return None
    return Item(
        path=path,
        sha256=review.sha256,
        origin=GENERATED,
        source=review.batch,
        source_file=review.image,
        class_name=review.class_name,
        reason="reviewed as perfect",
        grader=review.reviewer,
    )


def _fill(waiting: Mapping[str, Sequence[Item]], training: Mapping[str, int], room: int) -> list[Item]:
    """Takes images while there is room, each time for the class that has fewest."""
    queues = {name: list(items) for name, items in waiting.items()}
    counts = Counter({name: training[name] for name in queues})
    chosen: list[Item] = []
    while len(chosen) < room and any(queues.values()):
        name = min((name for name, queue in queues.items() if queue), key=lambda name: (counts[name], name))
        chosen.append(queues[name].pop(0))
        counts[name] += 1
    return chosen


def _shuffled(sha256: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{sha256}".encode()).hexdigest()
