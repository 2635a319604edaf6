"""Every score of one set of generated images against real ones: per class and pooled, with intervals by
embryo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.metrics.bootstrap import bootstrap_by_embryo
from gan.metrics.extractors.base import Extracted, Extractor
from gan.metrics.fidelity import class_fidelity
from gan.metrics.frechet import frechet_distance
from gan.metrics.images import Images
from gan.metrics.inception_score import inception_score
from gan.metrics.kernel import kernel_distance, squared_mmd
from gan.metrics.manifold import manifold
from gan.metrics.near_copy import copy_threshold, nearest_real, orientations
from gan.metrics.proportion import in_proportion

POOLED = "all"


@dataclass(frozen=True)
class Options:
    """What is computed."""

    neighbours: int = 5
    subset_size: int = 1000
    subsets: int = 50
    repeats: int = 100
    """Bootstrap repeats; 0 leaves the intervals out."""
    seed: int = 0


@dataclass(frozen=True)
class Scores:
    """The scores of one class, or of all classes pooled."""

    name: str
    n_real: int
    n_generated: int
    embryos: int
    """Real embryos: the effective number of independent real images."""
    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """The whole result, with all that pins it."""

    extractor: Mapping[str, Any]
    scores: tuple[Scores, ...]
    near_copies: tuple[Mapping[str, Any], ...]
    """Generated images nearer to a real one than real images of different embryos: index, real, distance."""
    near_copy_threshold: float
    options: Mapping[str, Any]


def evaluate(
    real: Images,
    generated: Images,
    classes: Sequence[str],
    extractor: Extractor,
    options: Options,
    of_real: Extractor | None = None,
) -> Evaluation:
    """Scores generated images against real ones. The real side must hold real images only.

    Pooled scores use generated images in the class mix of the real ones, the others all of their class.
    `of_real` is the same extractor with a memory of real images, where there is one.

    Raises:
        ValueError: too few images or embryos for a score.
    """
    of_real = of_real or extractor
    first, second = of_real.extract(real.pixels), extractor.extract(generated.pixels)
    scores = [_pooled_scores(real, generated, classes, first, second, options)]
    for index, name in enumerate(classes if len(classes) > 1 else ()):
        mine, theirs = real.labels == index, generated.labels == index
        scores.append(
            _class_scores(name, real.of_class(index), _rows(first, mine), _rows(second, theirs), options)
        )
    fidelity = class_fidelity(first.features, real, second.features, generated, classes)
    scores = [_with_fidelity(score, fidelity) for score in scores]
    copies, threshold = _near_copies(real, second, of_real)
    return Evaluation(asdict(extractor.identity), tuple(scores), copies, threshold, asdict(options))


def _pooled_scores(
    real: Images,
    generated: Images,
    classes: Sequence[str],
    first: Extracted,
    second: Extracted,
    options: Options,
) -> Scores:
    """In the class mix of the real images: equally many of each class would be scored for the difference."""
    if len(classes) < 2:
        return _scores(POOLED, real, first, second, options)
    rows = in_proportion(generated.labels, real.labels)
    missing = [
        name
        for k, name in enumerate(classes)
        if (real.labels == k).any() and not (generated.labels == k).any()
    ]
    if len(rows) <= options.neighbours:
        raise ValueError(
            f"in the class mix of the real images only {len(rows)} of the generated ones can be pooled, and "
            f"{options.neighbours + 1} are the least: generate more of each class"
        )
    score = _scores(POOLED, real, first, _rows(second, rows), options)
    lacking = f"no generated image of {', '.join(missing)}: pooled are the others, against all real images"
    return replace(score, notes=(*score.notes, lacking)) if missing else score


def _class_scores(name: str, real: Images, first: Extracted, second: Extracted, options: Options) -> Scores:
    least = options.neighbours + 1
    if len(first.features) < least or len(second.features) < least:
        note = f"fewer than {least} images on a side: no scores"
        return Scores(
            name, len(first.features), len(second.features), len(set(real.embryos)), {}, {}, (note,)
        )
    return _scores(name, real, first, second, options)


def _scores(name: str, real: Images, first: Extracted, second: Extracted, options: Options) -> Scores:
    x, y = first.features, second.features
    kernel = kernel_distance(x, y, options.subset_size, options.subsets, options.seed)
    shape = manifold(x, y, options.neighbours)
    values = {
        "frechet_distance": frechet_distance(x, y),
        "kernel_distance": kernel.value,
        "kernel_distance_deviation": kernel.deviation,
        "precision": shape.precision,
        "recall": shape.recall,
        "density": shape.density,
        "coverage": shape.coverage,
    }
    if second.logits is not None:
        values["inception_score"], values["inception_score_deviation"] = inception_score(second.logits)
    intervals = _intervals(real, first, second, options)
    notes = (
        ("fewer images than features: the Fréchet distance is biased",)
        if min(len(x), len(y)) < x.shape[1]
        else ()
    )
    return Scores(name, len(x), len(y), len(set(real.embryos)), values, intervals, notes)


def _intervals(
    real: Images, first: Extracted, second: Extracted, options: Options
) -> dict[str, tuple[float, float]]:
    if options.repeats == 0 or len(set(real.embryos)) < 2:
        return {}
    x, y = first.features.astype(np.float64), second.features.astype(np.float64)

    def of(score: Callable[[Any, Any], float]) -> tuple[float, float]:
        found = bootstrap_by_embryo(
            lambda r, g: score(x[r], y[g]), real.embryos, len(y), options.repeats, seed=options.seed
        )
        return found.low, found.high

    return {"frechet_distance": of(frechet_distance), "kernel_distance": of(squared_mmd)}


def _with_fidelity(score: Scores, fidelity: Mapping[str, float]) -> Scores:
    values = dict(score.values)
    if score.name in fidelity:
        values["class_fidelity"] = fidelity[score.name]
    if score.name == POOLED and "classifier_accuracy" in fidelity:
        values["classifier_accuracy"] = fidelity["classifier_accuracy"]
    return Scores(**{**vars(score), "values": values})


def _near_copies(
    real: Images, second: Extracted, extractor: Extractor
) -> tuple[tuple[Mapping[str, Any], ...], float]:
    if len(set(real.embryos)) < 2:
        return (), 0.0
    grey = real.pixels.mean(1).round().astype(np.uint8)
    views = np.stack([extractor.extract(view[:, None]).features for view in orientations(grey)])
    threshold = copy_threshold(views, real.embryos)
    found = nearest_real(second.features, views, threshold)
    copies = ({"index": i, **asdict(n)} for i, n in enumerate(found) if n.near_copy)
    return tuple(copies), threshold


def _rows(extracted: Extracted, chosen: npt.NDArray[np.bool_ | np.intp]) -> Extracted:
    logits = None if extracted.logits is None else extracted.logits[chosen]
    return Extracted(extracted.features[chosen], logits)
