"""What two models of graders' errors make of the groups: advice, shown and never stored."""

from __future__ import annotations

from dataclasses import dataclass

from blasto_annotator.domain.aggregation import Opinion, counts_of, dawid_skene, one_coin
from blasto_annotator.domain.raters import MISSING, Ratings

METHODS = {"one-coin": one_coin, "dawid-skene": dawid_skene}
TITLES = {"one-coin": "One coin a grader", "dawid-skene": "Dawid and Skene (1979)"}


@dataclass(frozen=True, eq=False)
class ModelAdvice:
    """One model's opinion."""

    method: str
    ratings: Ratings
    opinion: Opinion

    @property
    def reliability(self) -> dict[str, float]:
        """Grader -> estimated share of images that he puts into their true group."""
        values = self.opinion.reliability
        return {name: float(value) for name, value in zip(self.ratings.graders, values, strict=True)}

    @property
    def shares(self) -> dict[str, float]:
        """Group -> estimated share of images."""
        names = self.ratings.categories
        return {name: float(v) for name, v in zip(names, self.opinion.shares, strict=True)}

    def images(self) -> dict[str, dict[str, float]]:
        """Image -> group -> probability, of the images that somebody graded."""
        names = self.ratings.categories
        return {
            image: {name: round(float(p), 4) for name, p in zip(names, row, strict=True)}
            for image, row in zip(self.ratings.images, self.opinion.posterior, strict=True)
        }


def model_advice(ratings: Ratings) -> tuple[ModelAdvice, ...]:
    """Both models' opinions; none where nobody graded, or only one person."""
    if len(ratings.graders) < 2 or not (ratings.values != MISSING).any():
        return ()
    counts = counts_of(ratings)
    return tuple(ModelAdvice(method, ratings, model(counts)) for method, model in METHODS.items())


def advice_sentence(advice: tuple[ModelAdvice, ...]) -> str:
    """How to read the table of reliabilities."""
    words = (
        "Estimated share of images that a grader puts into their true group, by two models that infer the "
        "truth from the graders alone. Advice: an error that most graders share, the models share, too."
    )
    return words if advice else ""
