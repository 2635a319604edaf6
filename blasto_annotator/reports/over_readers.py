"""Verdicts as matrices of readers and images, and intervals that hold for other readers, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.domain.detection import Answers, bias, criterion_of, d_prime_of, sensitivity
from blasto_annotator.domain.readers import first_mean, readers_and_images
from blasto_annotator.domain.reviews import Review
from blasto_annotator.domain.statistics import Estimate, Share

CROSSED = "Owen 2007; Gallas et al. 2009"


def reviewers(reviews: Iterable[Review]) -> list[str]:
    """Everybody who read, by name."""
    return sorted({review.reviewer for review in reviews})


def matrix(
    reviews: Sequence[Review], names: Sequence[str], holds: Callable[[Review], bool]
) -> NDArray[np.float64]:
    """[readers, images]: 1 where it holds of a review, 0 where not, NaN where the reader has not read."""
    images = {key: place for place, key in enumerate(sorted({(r.batch, r.sha256) for r in reviews}))}
    scores = np.full((len(names), len(images)), np.nan)
    for review in reviews:
        scores[names.index(review.reviewer), images[review.batch, review.sha256]] = holds(review)
    return scores


def widened(
    closed: Estimate | Share,
    *groups: NDArray[np.float64],
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]] = first_mean,
    confidence: float = 0.95,
) -> Estimate:
    """A closed interval, which takes verdicts as independent, or that over readers where it reaches farther.

    With one reader each image was judged once, and the closed one stands. `groups` and `figure` are those of
    `readers_and_images`; the value is the closed one's.
    """
    plain = Estimate(closed.value, closed.low, closed.high)
    if not groups or len(groups[0]) < 2 or any(np.isnan(scores).all() for scores in groups):
        return plain
    crossed = readers_and_images(*groups, figure=figure, confidence=confidence)
    return Estimate(plain.value, min(plain.low, crossed.low), max(plain.high, crossed.high))


def first_less_second(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """The figure of a difference of two groups."""
    gap: NDArray[np.float64] = means[..., 0] - means[..., 1]
    return gap


def telling(
    answers: Answers, groups: Sequence[NDArray[np.float64]], confidence: float = 0.95
) -> tuple[Estimate, Estimate]:
    """d′ and criterion c of what was called generated, over readers where several read.

    `groups`: matrices of generated and of real images, 1 where one was called generated.
    """
    pair = ((sensitivity, d_prime_of), (bias, criterion_of))
    found = [
        widened(
            closed(answers, confidence), *groups, figure=partial(of, total=answers.total),
            confidence=confidence,
        )
        for closed, of in pair
    ]  # fmt: skip
    return found[0], found[1]


def source(closed: str, names: Sequence[str]) -> str:
    """Where the interval of `widened` is from."""
    return closed if len(names) < 2 else f"{closed}; over readers and images where wider: {CROSSED}"
