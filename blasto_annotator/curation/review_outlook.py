"""What a review will be able to show, said before anyone starts: of the images that it would really show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from blasto_annotator.curation.batches import batch_info
from blasto_annotator.curation.controls import Met
from blasto_annotator.curation.review_plan import ReviewPlan, shortage_words
from blasto_annotator.domain.power import TEACHING, power_words
from blasto_annotator.domain.reviews import ItemKind, Mode, ReviewItem
from blasto_annotator.store import Project
from gan.contract.batch_folder import BatchInfo

SAMPLE_SEEDS = 24
"""As many latents as the largest grid of samples shows (`gan.training.samples`)."""


@dataclass(frozen=True)
class Outlook:
    """A plan's images counted, repeats left out, and what they can tell."""

    generated: int
    real: int
    words: tuple[str, ...]


def outlook(
    project: Project, plan: ReviewPlan, items: Sequence[ReviewItem], met: Met | None = None
) -> Outlook:
    """Of the images of a plan, as `choose_images` or a planned session holds them.

    `met`: what the readers have met, where the caller chose the images by it.
    """
    once = [item for item in items if "repeat" not in item.role]
    made = Counter(item.batch or plan.batches[0] for item in once if item.kind is ItemKind.GENERATED)
    real = len(once) - made.total()
    each = [made[batch] for batch in plan.batches]
    power = [TEACHING] if plan.teach else power_words(plan.mode, each, real, plan.margin)
    return Outlook(
        made.total(),
        real,
        (
            *power, *shortage_words(items, plan), *_met_words(project, plan, once, met),
            *_seed_words(project, plan),
        ),
    )  # fmt: skip


def _seed_words(project: Project, plan: ReviewPlan) -> list[str]:
    """Images that a reader may have seen while they were made, or twins of one another."""
    infos = [batch_info(project, batch) for batch in plan.batches]
    said = [
        f"Batch {info.id} begins with the seeds of the samples that its training showed: who watched them "
        "grow may recognise the first images. Generate another batch."
        for info in infos
        if info.first_seed < SAMPLE_SEEDS
    ]
    if plan.mode.rates and len(infos) == 2 and _overlap(*infos):
        said.append(
            "Both batches are of the same seeds: models that come from one another make twins of them, and "
            "who sees twins knows that both are generated. Generate one of other seeds."
        )
    return said


def _overlap(first: BatchInfo, second: BatchInfo) -> bool:
    ends = [one.first_seed + one.per_class * max(1, len(one.classes)) for one in (first, second)]
    return first.first_seed < ends[1] and second.first_seed < ends[0]


def _met_words(project: Project, plan: ReviewPlan, items: Sequence[ReviewItem], met: Met | None) -> list[str]:
    """Which readers have met the real frames' embryos before."""
    ids = [item.frame_id for item in items if item.frame_id is not None]
    if plan.mode is Mode.PAIR or not ids:
        return []
    embryos = {frame.embryo for frame in project.frames.many(ids).values()}
    known = (met or Met(project, plan.readers)).of
    counts = {reader: len(embryos & known[reader]) for reader in plan.readers}
    return [
        f"{reader} has graded or judged {count} of the {len(embryos)} real embryos before and may "
        "recognise them."
        for reader, count in counts.items()
        if count
    ]
