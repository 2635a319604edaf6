"""Who said what of which image, for one criterion: the table that every agreement figure is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

MISSING = -1
"""Stands where a grader did not assess an image."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings of one criterion: graders by images, with gaps."""

    criterion: str
    categories: tuple[str, ...]
    """The scale, in its order where `ordered`."""
    ordered: bool
    """Whether the distance between categories means something (grades: yes; unordered classes: no)."""
    graders: tuple[str, ...]
    images: tuple[str, ...]
    values: Ints
    """(graders, images): place in `categories`, `MISSING` where not assessed."""
    embryos: Ints
    """(images,): which embryo each image shows, numbered from 0."""

    def of(self, graders: Sequence[str]) -> Ratings:
        """The same images as these graders saw them; images that none of them assessed are left out.

        Raises:
            ValueError: a name that is not among the graders.
        """
        rows = [self.graders.index(name) for name in graders]
        chosen = replace(self, graders=tuple(graders), values=self.values[rows])
        return chosen.only((chosen.values != MISSING).any(axis=0))

    def only(self, keep: npt.NDArray[np.bool_]) -> Ratings:
        """Only the images where `keep` (images,) holds; embryos are numbered anew."""
        images = tuple(name for name, kept in zip(self.images, keep, strict=True) if kept)
        _, embryos = np.unique(self.embryos[keep], return_inverse=True)
        return replace(self, images=images, values=self.values[:, keep], embryos=embryos.astype(np.int64))

    @property
    def used(self) -> int:
        """How many of the categories anybody used."""
        return len(np.unique(self.values[self.values != MISSING]))

    @property
    def span(self) -> tuple[int, int]:
        """Lowest and highest category that anybody used, as places; (0, 0) where nobody rated."""
        said = self.values[self.values != MISSING]
        return (int(said.min()), int(said.max())) if said.size else (0, 0)


def make_ratings(
    criterion: str,
    categories: Sequence[str],
    ordered: bool,
    said: Mapping[str, Mapping[str, str | None]],
    embryo_of: Mapping[str, str] | None = None,
) -> Ratings:
    """Ratings from grader -> image -> category (None: not assessed).

    Args:
        criterion: its name, such as `expansion`.
        categories: the scale; every category that was said must be in it.
        ordered: whether the scale has an order.
        said: what each grader said of each image.
        embryo_of: image -> embryo; an image that is not in it is an embryo of its own.

    Raises:
        ValueError: a category that is not in the scale.
    """
    place = {name: number for number, name in enumerate(categories)}
    images = sorted({image for of_grader in said.values() for image, word in of_grader.items() if word})
    column = {image: number for number, image in enumerate(images)}
    values = np.full((len(said), len(images)), MISSING, np.int64)
    for row, of_grader in enumerate(said.values()):
        for image, word in of_grader.items():
            if word is None:
                continue
            if word not in place:
                raise ValueError(f"{criterion} {word!r} is not one of {list(categories)}")
            values[row, column[image]] = place[word]
    names = [(embryo_of or {}).get(image, image) for image in images]
    number = {name: at for at, name in enumerate(sorted(set(names)))}
    embryos = np.array([number[name] for name in names], np.int64)
    return Ratings(criterion, tuple(categories), ordered, tuple(said), tuple(images), values, embryos)


def confusion(ratings: Ratings, first: str, second: str) -> Ints:
    """(categories, categories) images that both assessed: rows say `first`, columns `second`."""
    a, b = (ratings.values[ratings.graders.index(name)] for name in (first, second))
    both = (a != MISSING) & (b != MISSING)
    table = np.zeros((len(ratings.categories),) * 2, np.int64)
    np.add.at(table, (a[both], b[both]), 1)
    return table


def consensus(values: Ints, leave_out: int, also_out: Sequence[int] = ()) -> Floats:
    """(images,) median of what the graders but `leave_out` (and `also_out`) said; NaN where nobody did.

    The median of an even number of grades is rounded towards the lower place, so that it is a category.
    """
    others = [row for row in range(len(values)) if row != leave_out and row not in also_out]
    if not others:
        return np.full(values.shape[1], np.nan)
    said = np.where(values[others] == MISSING, np.iinfo(np.int64).max, values[others])
    said.sort(axis=0)
    count = (values[others] != MISSING).sum(axis=0)
    middle = said[np.maximum(count - 1, 0) // 2, np.arange(values.shape[1])]
    return np.where(count > 0, middle.astype(np.float64), np.nan)
