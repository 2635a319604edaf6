"""Evaluation in the loop: the metrics, made to fit the trainer's seam."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from gan.cli.scoring import Eye, choose_extractor, inception_weights
from gan.contract.errors import UserError
from gan.metrics.extractors.base import Array, Extractor
from gan.metrics.frechet import frechet_distance
from gan.metrics.images import Images
from gan.metrics.keeping import CachedExtractor
from gan.metrics.kernel import kernel_distance
from gan.metrics.leak import LeakCheck, LeakReport
from gan.metrics.leak_sentence import leak_sentence
from gan.metrics.manifold import manifold
from gan.metrics.proportion import Rows, in_proportion
from gan.training.evaluating import Figure, Ground, Made, Verdict
from gan.training.watch import LEAKS, PRECISION

log = logging.getLogger(__name__)

MOST_REAL = 10_000
"""Real images that are compared with; of more, so many are chosen, the same each time."""
_MOST_NEIGHBOURS = 2_000
"""About so many real images serve for precision, whose time grows with their square."""
_LEAST_IN_CLASS = 20
_QUIET_P = 0.02
"""Below this strength of augmentation nothing can leak."""


class Judge:
    """Scores generated images against the run's real ones; everything of the real side is made once."""

    def __init__(self, ground: Ground, say: Callable[[str], None]) -> None:
        """Takes the real images; nothing slow happens before the first evaluation.

        Raises:
            UserError: Inception is asked for and is not there.
        """
        self._ground, self._say = ground, say
        self._eye = Eye(ground.config.evaluate_features, None, ground.config.encoder_steps)
        self._real = _reference(ground)
        inception_weights(self._eye)

    def evaluate(self, made: Made) -> Verdict:
        """Kernel and Fréchet distance, pooled and per class, and the signs of leaking augmentations."""
        features = self._extractor.extract(made.pixels).features
        rows = in_proportion(made.labels, self._real.labels)
        figures = [*self._distances("", self._features, features[rows]), self._precision(features[rows])]
        for index, name in enumerate(self._ground.config.classes):
            mine = self._real.labels == index
            if len(self._ground.config.classes) > 1 and mine.sum() >= _LEAST_IN_CLASS:
                figures += self._distances(f"/{name}", self._features[mine], features[made.labels == index])
        return self._with_leaks(figures, made, rows)

    def _distances(self, ending: str, real: Array, made: Array) -> Iterator[Figure]:
        facts = {"n_real": len(real), "features": self._pinned}
        kernel = kernel_distance(real, made, subsets=10)
        pinned = {**facts, "deviation": kernel.deviation}
        yield Figure(f"kernel_distance{ending}", kernel.value, len(made), pinned)
        if not ending or min(len(real), len(made)) > real.shape[1]:
            yield Figure(f"frechet_distance{ending}", frechet_distance(real, made), len(made), facts)

    def _precision(self, made: Array) -> Figure:
        real = self._features[:: max(1, len(self._features) // _MOST_NEIGHBOURS)]
        share = manifold(real, made).precision
        return Figure(PRECISION, share, len(made), {"n_real": len(real), "features": self._pinned})

    @property
    def _pinned(self) -> str:
        """What the figures are taken with: others may not be compared with them."""
        said = self._extractor.identity
        return f"{said.name} {said.hash[:12]}, {said.resize}"

    def _with_leaks(self, figures: list[Figure], made: Made, rows: Rows) -> Verdict:
        if self._check is None:
            return Verdict(tuple(figures))
        report = self._check.check(made.pixels[rows])
        active = made.ada_p is None or made.ada_p >= _QUIET_P
        figures += _leak_figures(report, len(rows), active)
        return Verdict(tuple(figures), leak_sentence(report, made.ada_p) if active else "")

    @cached_property
    def _extractor(self) -> Extractor:
        return choose_extractor(self._eye, self._real.pixels, self._ground.device, self._say)

    @cached_property
    def _features(self) -> Array:
        return CachedExtractor(self._extractor, self._say).extract(self._real.pixels).features

    @cached_property
    def _check(self) -> LeakCheck | None:
        try:
            return LeakCheck(self._real.pixels, self._real.embryos, self._ground.config.mirror)
        except ValueError as error:
            log.info("no leak check: %s", error)
            return None


def _leak_figures(report: LeakReport, n: int, active: bool) -> list[Figure]:
    found = [
        Figure(
            f"leak/{sign.name}", sign.leaked, n, {"strength": sign.strength, "threshold": report.threshold}
        )
        for sign in report.signs
    ]
    return [*found, Figure(LEAKS, float(len(report.firing)) if active else 0.0, n)]


def _reference(ground: Ground) -> Images:
    """The real images that are compared with, and their embryos (each its own where nobody tells)."""
    images, origins = ground.images, ground.origins
    chosen = np.arange(len(images)) if origins is None else np.flatnonzero(origins.real)
    if len(chosen) < 2:
        raise UserError(
            f"{ground.config.data} holds no two real images to evaluate with: set evaluate_kimg to 0."
        )
    if len(chosen) > MOST_REAL:
        chosen = np.sort(np.random.RandomState(0).choice(chosen, MOST_REAL, replace=False))
    names = images.names if origins is None else origins.embryos
    embryos = tuple(names[number] for number in chosen)
    return Images(np.asarray(images.pixels[chosen]), images.labels[chosen], embryos)
