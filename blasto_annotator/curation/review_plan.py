"""Planning a blind review: which images, in which order, for which readers."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from blasto_annotator.curation.batches import batch_images
from blasto_annotator.curation.blinding import require_fresh
from blasto_annotator.curation.controls import Met, choose_controls
from blasto_annotator.curation.scoring import read_scores, teaches_most
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, Mode, ReviewItem, ReviewSession, role_of
from blasto_annotator.store import Project

MOST_REAL = 0.9
MOST_REPEATS = 0.5
REAL_SHARE = 0.2
REPEAT_SHARE = 0.1
LEAST_BETWEEN = 20
"""Images between an image and its repeat, as far as the session is long enough."""
MARGIN = 0.1
TEACH_BLOCK = 12
"""Images of a teaching order that a reader's own order shuffles among themselves."""


@dataclass(frozen=True)
class ReviewPlan:
    """What is reviewed, how, and by whom. Every reader sees the same images, each in an order of his own."""

    batches: tuple[str, ...]
    """One; two to compare models (a pair shows the first batch's image against the second's)."""
    readers: tuple[str, ...]
    mode: Mode = Mode.RATE
    per_class: int | None = None
    """Generated images of each class and batch; all of them by default."""
    teach: bool = False
    """Of each class take the images whose verdict teaches the expert scorer most, not a random choice, and
    show them first: what such a session counts is not the generator's share of anything, and reports say
    so. Ratings only."""
    real_share: float = 0.0
    """Share of real frames among the images, repeats not counted. Pairs have none."""
    repeat_share: float = REPEAT_SHARE
    """Images that come again, as a share of the rest. Pairs have none."""
    seconds: float | None = None
    """Longest look at an image of a choice; unlimited by default."""
    margin: float = MARGIN
    """A share of right answers within chance plus and minus this counts as “cannot tell” (choices)."""
    seed: int | None = None
    """Of all that is drawn; drawn itself where not given. Stored with the session."""


def plan_review(
    project: Project, plan: ReviewPlan, known: Sequence[ReviewSession] = (), met: Met | None = None
) -> list[ReviewSession]:
    """Stores one session a reader and returns them in the readers' order.

    Fewer real frames are mixed in where fewer held-out embryos are labelled. `known` are sessions that this
    plan has stored before it was interrupted: with the plan's seed they are found again, not doubled. `met`
    is what the readers have met, where the caller asks for it, too.

    Raises:
        UserError: no such batch, nobody to read, a share that cannot be, no real frame to mix in, or a reader
            who was shown what the images are.
    """
    seed = secrets.randbelow(2**31) if plan.seed is None else plan.seed
    require_fresh(project, plan.readers, plan.batches)
    chosen = choose_images(project, plan, seed, met)
    scores = {sha256: p for batch in plan.batches for sha256, p in _scores(project, plan, batch).items()}
    told: dict[str, Any] = {"batches": list(plan.batches), "per_class": plan.per_class}
    told |= {
        "teach": plan.teach,
        "repeat_share": plan.repeat_share,
        "seconds": plan.seconds,
        "margin": plan.margin,
    }
    sessions = []
    for number, reader in enumerate(plan.readers):
        stored = [one for one in known if (one.reviewer, one.seed) == (reader, seed + number)]
        if stored:
            sessions.append(stored[0])
            continue
        items = _ordered(chosen, plan, seed + number, scores)
        sessions.append(
            project.reviews.start(
                plan.batches[0], reader, items, seed + number, plan.real_share, plan.mode, told
            )
        )
    return sessions


def choose_images(project: Project, plan: ReviewPlan, seed: int, met: Met | None = None) -> list[ReviewItem]:
    """The images of a plan without repeats and places, as `plan_review` takes them; nothing is stored.

    Raises:
        UserError: as `plan_review`.
    """
    _check(plan)
    _check_batches(plan)
    if plan.mode is Mode.PAIR:
        return _pairs(project, plan, seed)
    return _images(project, plan, seed, met or Met(project, plan.readers))


def wanted_real(generated: int, share: float) -> int:
    """Real frames that make up `share` of a session with so many generated images."""
    return round(generated * share / (1 - share))


def shortage_words(items: Sequence[ReviewItem], plan: ReviewPlan) -> list[str]:
    """What a person must know where fewer real frames were found than the plan asks for."""
    shown = [item for item in items if "repeat" not in item.role]
    found = Counter(item.class_name for item in shown if item.kind is ItemKind.REAL)
    if plan.mode is Mode.PAIR or not plan.real_share:
        return []
    wanted = wanted_of_classes(shown, plan.real_share)
    said = []
    if found.total() < sum(wanted.values()):
        said.append(
            f"Only {found.total()} of {sum(wanted.values())} real frames were found: label frames of more "
            "embryos that no training set holds (of a moment one focal plane is shown), or take fewer "
            "generated images of each class."
        )
    said += [
        f"There is no real frame of class {name}: images shown as {name} can be known to be generated."
        for name, count in wanted.items()
        if count and not found[name]
    ]
    return said


def default_share(mode: Mode) -> float:
    """Share of real frames where nobody chose one: a choice shows most with one half."""
    return {Mode.CHOICE: 0.5, Mode.PAIR: 0.0}.get(mode, REAL_SHARE)


def _check(plan: ReviewPlan) -> None:
    if not plan.readers or not all(reader.strip() for reader in plan.readers):
        raise UserError("Nobody is named as reader: say who reviews.")
    if len(set(plan.readers)) < len(plan.readers):
        raise UserError("A reader is named twice: each reader gets one session.")
    if not 0 <= plan.real_share <= MOST_REAL:
        raise UserError(
            f"A share of {plan.real_share:g} real frames cannot be used; give 0 to {MOST_REAL:g}."
        )
    if not 0 <= plan.repeat_share <= MOST_REPEATS:
        raise UserError(
            f"A share of {plan.repeat_share:g} repeats cannot be used; give 0 to {MOST_REPEATS:g}."
        )
    if plan.teach and not plan.mode.rates:
        raise UserError("Only ratings teach the expert scorer: rate single images or by nine to teach it.")
    if plan.mode is Mode.CHOICE and not plan.real_share:
        raise UserError("“Real or generated?” needs real frames: choose a share of them, such as a half.")


def _check_batches(plan: ReviewPlan) -> None:
    if len(set(plan.batches)) < len(plan.batches):
        raise UserError("A batch is named twice: name another to compare it with.")
    if plan.mode is Mode.PAIR and len(plan.batches) != 2:
        raise UserError("Pairs compare two batches: name two, of two models.")
    if plan.mode is Mode.CHOICE and len(plan.batches) > 1:
        raise UserError("“Real or generated?” asks about one batch at a time: plan a review for each.")
    if len(plan.batches) > 2:
        raise UserError("A review compares two batches at most: name one or two.")


def _images(project: Project, plan: ReviewPlan, seed: int, met: Met) -> list[ReviewItem]:
    """Generated images of every batch and real frames, without places yet."""
    items = [item for batch in plan.batches for item in _generated(project, plan, batch, seed)]
    real = _real(project, wanted_of_classes(items, plan.real_share), seed, met) if plan.real_share else []
    if plan.mode is Mode.CHOICE:  # of a class without real frames every image would be known to be generated
        items = [item for item in items if item.class_name in {control.class_name for control in real}]
    return [replace(item, role=role_of(plan.mode)) for item in (*items, *real)]


def wanted_of_classes(items: Iterable[ReviewItem], share: float) -> dict[str, int]:
    """Real frames that make up `share` of a session, dealt out as these generated images are to classes."""
    counts = Counter(item.class_name for item in items if item.kind is ItemKind.GENERATED)
    upto, wanted = 0, {}
    for name, count in sorted(counts.items()):
        before, upto = upto, upto + count
        wanted[name] = wanted_real(upto, share) - wanted_real(before, share)
    return wanted


def _generated(project: Project, plan: ReviewPlan, batch: str, seed: int) -> list[ReviewItem]:
    images = batch_images(project, batch)
    random.Random(seed).shuffle(images)  # noqa: S311 (a choice that can be drawn again, no secret)
    scores = _scores(project, plan, batch)
    if plan.teach:
        images.sort(key=lambda image: teaches_most(scores, image.sha256))
    taken: dict[str, int] = {}
    items = []
    for image in images:
        taken[image.class_name] = taken.get(image.class_name, 0) + 1
        if plan.per_class is None or taken[image.class_name] <= plan.per_class:
            item = ReviewItem(0, ItemKind.GENERATED, image.sha256, image.class_name, image.image)
            items.append(replace(item, batch="" if batch == plan.batches[0] else batch))
    return sorted(items, key=lambda item: item.image)


def _scores(project: Project, plan: ReviewPlan, batch: str) -> dict[str, float]:
    """What the expert scorer expects of a batch's images, where the plan is to teach it."""
    scores = read_scores(project, batch) if plan.teach else {}
    if plan.teach and not scores:
        raise UserError(
            f"No expert scorer has looked at batch {batch}: generate it with one, or choose at random."
        )
    return scores


def _real(project: Project, wanted: Mapping[str, int], seed: int, met: Met) -> list[ReviewItem]:
    chosen = choose_controls(project, wanted, seed, met.by_any)
    if not chosen and any(wanted.values()):
        raise UserError(
            "No labelled frame of expansion 2 to 4 of a held-out embryo can be mixed into this review: label "
            "frames of embryos that no training set holds, or set the share of real frames to 0."
        )
    return [
        ReviewItem(0, ItemKind.REAL, item.sha256, item.class_name, item.source_file, item.frame_id)
        for item in chosen
    ]


def _pairs(project: Project, plan: ReviewPlan, seed: int) -> list[ReviewItem]:
    """Two images of one class after another, one of each batch; sides are drawn later."""
    first, second = (_generated(project, plan, batch, seed) for batch in plan.batches)
    waiting: dict[str, list[ReviewItem]] = {}
    for item in second:
        waiting.setdefault(item.class_name, []).append(item)
    pairs = [(item, waiting[item.class_name].pop(0)) for item in first if waiting.get(item.class_name)]
    if not pairs:
        raise UserError("The two batches have no class in common, so there is no pair to compare.")
    return [replace(item, role=role_of(Mode.PAIR)) for pair in pairs for item in pair]


def _ordered(
    chosen: Sequence[ReviewItem], plan: ReviewPlan, seed: int, scores: Mapping[str, float]
) -> list[ReviewItem]:
    rng = random.Random(seed)  # noqa: S311 (an order that can be drawn again, no secret)
    if plan.mode is Mode.PAIR:
        return _ordered_pairs(chosen, rng)
    items = list(chosen)
    rng.shuffle(items)
    if plan.teach:
        items = _teaching_first(items, scores, rng)
    items = _with_repeats(items, round(plan.repeat_share * len(items)), plan.mode, rng)
    return [replace(item, position=position) for position, item in enumerate(items)]


def _teaching_first(
    items: Sequence[ReviewItem], scores: Mapping[str, float], rng: random.Random
) -> list[ReviewItem]:
    """Generated images by what they teach, shuffled within blocks; real frames anywhere among them."""
    generated = [item for item in items if item.kind is ItemKind.GENERATED]
    generated.sort(key=lambda item: teaches_most(scores, item.sha256))
    found: list[ReviewItem] = []
    for start in range(0, len(generated), TEACH_BLOCK):
        block = generated[start : start + TEACH_BLOCK]
        found += rng.sample(block, len(block))
    for item in items:
        if item.kind is not ItemKind.GENERATED:
            found.insert(rng.randint(0, len(found)), item)
    return found


def _ordered_pairs(chosen: Sequence[ReviewItem], rng: random.Random) -> list[ReviewItem]:
    pairs = [list(chosen[place : place + 2]) for place in range(0, len(chosen), 2)]
    rng.shuffle(pairs)
    items: list[ReviewItem] = []
    for pair in pairs:
        rng.shuffle(pair)
        left, right = len(items), len(items) + 1
        items += [
            replace(pair[0], position=left, partner=right),
            replace(pair[1], position=right, partner=left),
        ]
    return items


def _with_repeats(items: list[ReviewItem], count: int, mode: Mode, rng: random.Random) -> list[ReviewItem]:
    """Images of the first half come again near the end, far from where they were."""
    again = rng.sample(items[: len(items) // 2], min(count, len(items) // 2))
    repeats = [replace(item, role=role_of(mode, repeat=True)) for item in again]
    found = list(items)
    for item, repeat in zip(again, repeats, strict=True):
        earliest = min(found.index(item) + 1 + LEAST_BETWEEN, len(found))
        found.insert(rng.randint(earliest, len(found)), repeat)
    return found
