"""Verdicts as matrices of readers and images, and intervals that hold for other readers, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.domain.detection import Answers, bias, criterion_of, d_prime_of, sensitivity
from blasto_annotator.domain.readers import first_mean, readers_and_images
from blasto_annotator.domain.reviews import Review
from blasto_annotator.domain.statistics import Estimate, Share

CROSSED = "Owen 2007; Gallas et al. 2009"
TOGETHER = "Field and Welsh 2007"


def reviewers(reviews: Iterable[Review]) -> list[str]:
    """Everybody who read, by name."""
    return sorted({review.reviewer for review in reviews})


@dataclass(frozen=True)
class Read:
    """What readers said of some images."""

    scores: NDArray[np.float64]
    """[readers, images]: 1 where it holds, 0 where not, NaN where the reader has not read."""
    embryos: NDArray[np.int_]
    """[images]: images of one embryo have one number, from 0; a generated image is one by itself."""

    @classmethod
    def each_alone(cls, scores: NDArray[np.float64]) -> Read:
        """Images of which no two show one embryo."""
        return cls(scores, np.arange(scores.shape[1]))

    @property
    def opposite(self) -> Read:
        """The same of what does not hold."""
        return Read(1 - self.scores, self.embryos)

    @property
    def clustered(self) -> bool:
        """Whether an embryo is shown by several images."""
        return len(np.unique(self.embryos)) < len(self.embryos)


def matrix(
    reviews: Sequence[Review],
    names: Sequence[str],
    holds: Callable[[Review], bool],
    embryos: Mapping[str, int] | None = None,
) -> Read:
    """What `names` said in these reviews; `embryos`: hashes of real frames and the embryo that each shows."""
    keys = sorted({(r.batch, r.sha256) for r in reviews})
    images = {key: place for place, key in enumerate(keys)}
    scores = np.full((len(names), len(images)), np.nan)
    for review in reviews:
        scores[names.index(review.reviewer), images[review.batch, review.sha256]] = holds(review)
    shown = [(embryos or {}).get(sha256, f"{batch}/{sha256}") for batch, sha256 in keys]
    number = {embryo: place for place, embryo in enumerate(dict.fromkeys(shown))}
    return Read(scores, np.array([number[embryo] for embryo in shown], np.int_))


def widened(
    closed: Estimate | Share,
    *groups: Read,
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]] = first_mean,
    confidence: float = 0.95,
) -> Estimate:
    """A closed interval, which takes verdicts as independent, or that over readers where it reaches farther.

    With one reader each image was judged once, and the closed one stands unless several images show one
    embryo: such images are drawn together. `groups` and `figure` are those of `readers_and_images`; the value
    is the closed one's.
    """
    plain = Estimate(closed.value, closed.low, closed.high)
    independent = not groups or (len(groups[0].scores) < 2 and not any(read.clustered for read in groups))
    if independent or any(np.isnan(read.scores).all() for read in groups):
        return plain
    crossed = readers_and_images(
        *(read.scores for read in groups), figure=figure, confidence=confidence,
        clusters=[read.embryos for read in groups],
    )  # fmt: skip
    return Estimate(plain.value, min(plain.low, crossed.low), max(plain.high, crossed.high))


def first_less_second(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """The figure of a difference of two groups."""
    gap: NDArray[np.float64] = means[..., 0] - means[..., 1]
    return gap


def telling(answers: Answers, groups: Sequence[Read], confidence: float = 0.95) -> tuple[Estimate, Estimate]:
    """d′ and criterion c of what was called generated, over readers where several read.

    `groups`: what was said of generated and of real images, 1 where one was called generated.
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


def source(closed: str, names: Sequence[str], *groups: Read) -> str:
    """Where the interval of `widened` is from."""
    several, clustered = len(names) > 1, any(read.clustered for read in groups)
    if not several and not clustered:
        return closed
    over = "embryos" if clustered else "images"
    words = f"readers and {over}" if several else over
    works = "; ".join([CROSSED] * several + [TOGETHER] * clustered)
    return f"{closed}; over {words} where wider: {works}"
