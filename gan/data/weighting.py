"""How often each image is shown: by frame, or so that every embryo counts the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.contract.errors import UserError
from gan.data.images import ImageSet
from gan.data.manifest import Origins

Weights = npt.NDArray[np.float64]


def by_embryo(images: ImageSet, origins: Origins | None, data: Path) -> ImageSet:
    """The images with weights that make every embryo equally likely, however many like frames it has.

    Within an embryo the weights of `dataset.json` decide. Generated images, which have no embryo, keep
    theirs, and so does the sum over all real ones.

    Raises:
        UserError: nothing tells which embryo an image shows.
    """
    if origins is None:
        raise UserError(
            f"weight_by is embryo, but no manifest.csv beside {data} tells which embryo an image shows: "
            "train on the split of a snapshot, or set weight_by to frame."
        )
    base = np.ones(len(images)) if images.weights is None else images.weights
    unnamed = next((n for n, e in enumerate(origins.embryos) if origins.real[n] and not e), None)
    if unnamed is not None:
        raise UserError(
            f"weight_by is embryo, but the manifest beside {data} names no embryo for "
            f"{images.names[unnamed]}: build the snapshot again, or set weight_by to frame."
        )
    return replace(images, weights=_equal(base, origins))


def effective_number(images: ImageSet) -> float:
    """How many equally likely images would vary as much (Kish 1965, "Survey sampling", section 11.7)."""
    if images.weights is None:
        return float(len(images))
    return float(images.weights.sum() ** 2 / (images.weights**2).sum())


def _equal(base: Weights, origins: Origins) -> Weights:
    real = origins.real
    if not real.any():
        return base
    _, codes = np.unique(np.array(origins.embryos)[real], return_inverse=True)
    sums = np.bincount(codes, weights=base[real])
    weights = base.copy()
    weights[real] = base[real] / sums[codes] * base[real].sum() / len(sums)
    return weights
