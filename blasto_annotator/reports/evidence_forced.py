"""The questions of forced choices: real or generated, and which of two looks more real?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.domain.detection import Answers, d_prime, hype_error, sensitivity
from blasto_annotator.domain.equivalence import CHANCE, TEST_CONFIDENCE, equivalence
from blasto_annotator.domain.reviews import Answer, ItemKind, Mode, Review
from blasto_annotator.domain.statistics import Estimate, wilson
from blasto_annotator.reports.evidence import (
    CRITERION,
    DPRIME,
    WILSON,
    Evidence,
    Figure,
    Grid,
    Material,
    bias_words,
    dprime_words,
    embryo_words,
    met_words,
    number_figure,
    p_text,
    percent,
    share_figure,
    share_text,
)
from blasto_annotator.reports.over_readers import Read, matrix, reviewers, source, telling, widened

CHANCE_WORDS = "chance is 50 %"


def choices(material: Material) -> Evidence | None:
    """Real or generated?"""
    said = material.with_role(Mode.CHOICE)
    if not said:
        return None
    names, answers, embryos = reviewers(said), _counted(said), material.embryos
    n = f"{answers.generated} generated, {answers.real} real"
    called = [matrix(_of(said, kind), names, _called_generated, embryos) for kind in ItemKind]
    dprime, criterion = telling(answers, called)
    error = _error(called, answers)
    figures = [
        share_figure(
            "HYPE error", error, n,
            f"Readers called {percent(error.value)} wrongly, the mean of both kinds; {CHANCE_WORDS}: the "
            "nearer to it, the harder to tell.",
            source("Zhou et al. 2019; Wilson 1927, Zou and Donner 2008", names, *called), told=True,
        ),
        *_kinds(called, names, answers),
        number_figure("d′", dprime, n, dprime_words(dprime), source(DPRIME, names, *called)),
        number_figure("Criterion c", criterion, n, bias_words(criterion), source(CRITERION, names, *called)),
    ]  # fmt: skip
    tested = _error(called, answers, TEST_CONFIDENCE)
    known, _ = telling(answers, called, TEST_CONFIDENCE)
    figures += [_equivalence(tested, known, margin, dprime, n) for margin in material.margins]
    real = _of(said, ItemKind.REAL)
    notes = met_words(material, real) + embryo_words(material, real)
    return Evidence("Real or generated?", tuple(figures), (_by_reader(said, names),), notes)


def pairs(material: Material) -> Evidence | None:
    """Which of two looks more real? A figure for each two batches; the answer stands at the left image."""
    said: dict[tuple[str, str], list[Review]] = {}
    for review in material.with_role(Mode.PAIR):
        older, newer = sorted(material.sessions[review.session_id or 0].plan["batches"])
        said.setdefault((older, newer), []).append(review)
    figures = tuple(_preference(older, newer, own) for (older, newer), own in sorted(said.items()))
    return Evidence("Which of two looks more real?", figures) if figures else None


def _preference(older: str, newer: str, said: Sequence[Review]) -> Figure:
    names = reviewers(said)
    chosen = sum(_prefers(review, newer) for review in said)
    share = widened(wilson(chosen, len(said)), matrix(said, names, lambda review: _prefers(review, newer)))
    reading = f"{_preferred_words(share, older, newer)} {CHANCE_WORDS[0].upper()}{CHANCE_WORDS[1:]}."
    if len(names) == 1:
        from scipy.stats import binomtest  # slow to load: only where pairs were shown

        reading += f" Two-sided exact binomial {p_text(binomtest(chosen, len(said), CHANCE).pvalue)}."
    name = f"{newer} preferred to {older}"
    return share_figure(name, share, f"{len(said)} pairs", reading, source(WILSON, names), told=True)


def _preferred_words(share: Estimate, older: str, newer: str) -> str:
    if share.low > CHANCE:
        return f"Images of {newer} look more real than those of {older}."
    if share.high < CHANCE:
        return f"Images of {older} look more real than those of {newer}."
    return "Not decided which of the two looks more real."


def _prefers(review: Review, batch: str) -> bool:
    """Whether the image of `batch` was preferred; a review keeps the batch of its left image."""
    chose_left = review.verdict is not None and review.verdict.answer is Answer.LEFT
    return (review.batch == batch) == chose_left


def _counted(said: Sequence[Review]) -> Answers:
    generated, real = _of(said, ItemKind.GENERATED), _of(said, ItemKind.REAL)
    called = [sum(_called_generated(r) for r in some) for some in (generated, real)]
    return Answers(called[0], len(generated), called[1], len(real))


def _of(said: Sequence[Review], kind: ItemKind) -> list[Review]:
    return [review for review in said if review.kind is kind]


def _called_generated(review: Review) -> bool:
    return review.verdict is not None and review.verdict.answer is Answer.GENERATED


def _wrongly(called: Sequence[Read]) -> list[Read]:
    """What was called wrongly, of each kind of image, from what was called generated."""
    return [
        read.opposite if kind is ItemKind.GENERATED else read
        for kind, read in zip(ItemKind, called, strict=True)
    ]


def _error(called: Sequence[Read], answers: Answers, confidence: float = 0.95) -> Estimate:
    """The HYPE error of all answers, its interval over readers and images where several read."""
    closed = hype_error(answers, confidence)
    return widened(closed, *_wrongly(called), figure=_mean_of_kinds, confidence=confidence)


def _mean_of_kinds(means: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = means.mean(-1)
    return found


def _kinds(called: Sequence[Read], names: Sequence[str], answers: Answers) -> list[Figure]:
    """Each kind's own share called wrongly."""
    counted = (
        (ItemKind.GENERATED, "Generated taken for real", answers.generated - answers.hits, answers.generated),
        (ItemKind.REAL, "Real taken for generated", answers.false_alarms, answers.real),
    )
    return [
        share_figure(
            name, widened(wilson(count, total), wrong), f"{total} {kind.value}",
            "One half of the HYPE error.", source(WILSON, names, wrong),
        )
        for (kind, name, count, total), wrong in zip(counted, _wrongly(called), strict=True)
    ]  # fmt: skip


def _equivalence(error: Estimate, narrow: Estimate, margin: float, dprime: Estimate, n: str) -> Figure:
    """Of right answers and of d′: who says the same of everything is right at chance, and tells nothing.

    `narrow` is d′ with the test's own interval.
    """
    right = Estimate(1 - error.value, 1 - error.high, 1 - error.low)
    found = equivalence(right, margin)
    most = d_prime(CHANCE + margin, CHANCE - margin)
    known = -most < narrow.low and narrow.high < most
    return share_figure(
        f"Equivalent to chance within ±{percent(margin)}", right, n,
        f"{_equivalence_words(found.shown, known, margin, dprime)} Right answers, the mean of both kinds, "
        "with the 90 % interval that goes with two tests at 5 %.",
        "Two one-sided tests by their interval, Schuirmann 1987", told=True,
    )  # fmt: skip


def _equivalence_words(shown: bool, known: bool, margin: float, dprime: Estimate) -> str:
    within = f"within {percent(margin)} of chance"
    if shown and not known:
        return (
            "Not shown: right answers lie at chance, but nearly all answers were the same, which says little "
            "of whether readers can tell (see how wide d′ is)."
        )
    if not shown:
        return f"Not shown to lie {within}, which is no proof that readers can tell."
    if dprime.low > 0 or dprime.high < 0:
        return f"Shown to lie {within}; but there is a difference (d′), smaller than this margin."
    return f"Shown to lie {within}: at this margin readers cannot tell."


def _by_reader(said: Sequence[Review], names: Sequence[str]) -> Grid:
    rows = []
    for name in names:
        own = [review for review in said if review.reviewer == name]
        answers = _counted(own)
        seconds = [r.seen.seconds for r in own if r.seen.seconds is not None]
        time = f"{np.median(seconds):.1f} s" if seconds else "–"
        dprime = sensitivity(answers)
        rows.append((name, str(answers.total), share_text(hype_error(answers)), f"{dprime.value:.2f}", time))
    return Grid("By reader", ("Reader", "n", "HYPE error", "d′", "Median time"), tuple(rows))
