"""How long the figures of a panel of graders take: `python -m benchmarks.agreement`."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import numpy as np

from blasto_annotator.domain.aggregation import counts_of, dawid_skene
from blasto_annotator.domain.agreement import agreement
from blasto_annotator.domain.raters import MISSING, Ratings
from blasto_annotator.domain.raters_scales import scale_findings

PANELS = ((300, 300, 11, 5), (300, 300, 11, 54), (20_000, 800, 6, 5), (100_000, 2_000, 4, 5))
"""Images, embryos, graders, categories."""
RESAMPLES = 1000


def panel(images: int, embryos: int, graders: int, categories: int) -> Ratings:
    """Graders who see one truth and err by a step in half of the cases; half of the images each."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, categories, images)
    values = np.clip(truth + rng.choice([-1, 0, 0, 1], (graders, images)), 0, categories - 1)
    values[rng.random(values.shape) < 0.5] = MISSING
    scale = tuple(str(number) for number in range(categories))
    names = tuple(f"g{number}" for number in range(graders))
    where = np.sort(rng.integers(0, embryos, images))
    _, where = np.unique(where, return_inverse=True)
    ordered = categories < 10
    return Ratings("expansion", scale, ordered, names, tuple(map(str, range(images))), values, where)


def seconds(act: Callable[[], object]) -> float:
    """Of the better of two runs."""
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Prints a line a panel."""
    print(f"{platform.processor() or platform.machine()}, NumPy {np.__version__}, {RESAMPLES} samples")
    for size in PANELS:
        ratings = panel(*size)
        every = seconds(lambda ratings=ratings: agreement(ratings, RESAMPLES))  # type: ignore[misc]
        plain = seconds(lambda ratings=ratings: agreement(ratings, 0))  # type: ignore[misc]
        scales = seconds(lambda ratings=ratings: scale_findings(ratings))  # type: ignore[misc]
        model = seconds(lambda ratings=ratings: dawid_skene(counts_of(ratings)))  # type: ignore[misc]
        images, embryos, graders, categories = size
        print(
            f"{images:>7,} images, {embryos:>5,} embryos, {graders:>2} graders, {categories:>2} categories: "
            f"figures {plain:6.3f} s, with intervals {every:6.2f} s ({every / plain:4.1f} times), "
            f"scales {scales:5.2f} s, Dawid-Skene {model:5.2f} s"
        )


if __name__ == "__main__":
    main()
