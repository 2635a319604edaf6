"""The published review that ours is laid beside: figures only, with what is odd about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedRow:
    """Verdicts of one reader on 100 generated images of a class, no real controls among them."""

    class_name: str
    perfect: int
    minor_flaws: int
    implausible: int
    wrong_class: int
    total: int = 100


PUBLISHED = (
    PublishedRow("good", 45, 52, 3, 10),
    PublishedRow("average", 28, 64, 8, 5),
    PublishedRow("poor", 31, 62, 7, 7),
)
PUBLISHED_NOTE = (
    "Published: one reader, 100 generated images a class, no real frames among them, and images of another "
    "laboratory: a comparison of orders of magnitude, not of models. Its table prints 48 perfect images of "
    "the class good; its signed letter says 45, and 45 + 52 + 3 = 100, so 45 is used."
)
