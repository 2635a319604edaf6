"""What a review will be able to show, said before anyone starts: of the images that it would really show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from blasto_annotator.curation.controls import met_embryos
from blasto_annotator.curation.review_plan import ReviewPlan, shortage_words
from blasto_annotator.domain.power import TEACHING, power_words
from blasto_annotator.domain.reviews import ItemKind, Mode, ReviewItem
from blasto_annotator.store import Project


@dataclass(frozen=True)
class Outlook:
    """A plan's images counted, repeats left out, and what they can tell."""

    generated: int
    real: int
    words: tuple[str, ...]


def outlook(project: Project, plan: ReviewPlan, items: Sequence[ReviewItem]) -> Outlook:
    """Of the images of a plan, as `choose_images` or a planned session holds them."""
    once = [item for item in items if "repeat" not in item.role]
    made = Counter(item.batch or plan.batches[0] for item in once if item.kind is ItemKind.GENERATED)
    real = len(once) - made.total()
    each = [made[batch] for batch in plan.batches]
    power = [TEACHING] if plan.teach else power_words(plan.mode, each, real, plan.margin)
    return Outlook(
        made.total(), real, (*power, *shortage_words(items, plan), *_met_words(project, plan, once))
    )


def _met_words(project: Project, plan: ReviewPlan, items: Sequence[ReviewItem]) -> list[str]:
    """Which readers have met the real frames' embryos before."""
    ids = [item.frame_id for item in items if item.frame_id is not None]
    if plan.mode is Mode.PAIR or not ids:
        return []
    embryos = {frame.embryo for frame in project.frames.many(ids).values()}
    counts = {reader: len(embryos & met_embryos(project, [reader])) for reader in plan.readers}
    return [
        f"{reader} has graded or judged {count} of the {len(embryos)} real embryos before and may "
        "recognise them."
        for reader, count in counts.items()
        if count
    ]
