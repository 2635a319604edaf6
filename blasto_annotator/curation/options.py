"""What a person chooses for a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import EXPANSIONS

SIZES = (16, 32, 64, 128, 256, 512, 1024)
LABELS_BY = ("adjudicated", "majority", "one-coin", "dawid-skene", "grader")
"""Whose word counts where several people graded an image (see `aggregation`)."""


@dataclass(frozen=True)
class SnapshotOptions:
    """Choices for a snapshot.

    Raises:
        UserError: a value cannot be used; the sentence says which can.
    """

    size: int = 256
    """Pixels a side; a power of two."""
    expansions: tuple[int, ...] = (2, 3, 4)
    """Only frames of these expansions enter."""
    thin_distance: int = 4
    """Frames of one embryo whose perceptual hashes differ in so many of 64 bits or fewer are near-identical:
    one of them enters. 0: no thinning."""
    splits: tuple[float, float, float] = (0.7, 0.15, 0.15)
    """Shares of embryos in train, val and test."""
    seed: int = 0
    """Decides which embryos go to which split."""
    grader: str | None = None
    """The one grader whose labels count, where `labels_by` is `grader`; naming one chooses that."""
    include_generated: bool = False
    """Whether generated images rated perfect and of their class join the training split."""
    generated_cap: float = 0.2
    """Most generated images, as a share of the training split."""
    planes: tuple[int, ...] | None = None
    """Only frames at these focal planes (micrometres); None: all."""
    labels_by: str = LABELS_BY[0]
    """Whose word counts where several people graded an image."""

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise UserError(f"A snapshot cannot have {self.size} pixels a side; use one of {_list(SIZES)}.")
        if not self.expansions or not set(self.expansions) <= set(EXPANSIONS):
            raise UserError(f"Expansions {_list(self.expansions)} cannot be used; choose from 1 to 6.")
        if not 0 <= self.thin_distance <= 64:
            raise UserError(f"Thinning at {self.thin_distance} bits is not possible; use 0 (off) to 64.")
        if min(self.splits) < 0 or self.splits[0] == 0 or abs(sum(self.splits) - 1) > 1e-6:
            raise UserError(f"Splits {_list(self.splits)} are no shares; they sum to 1, with some in train.")
        if self.labels_by not in LABELS_BY:
            raise UserError(f"Labels cannot be taken by “{self.labels_by}”; use {', '.join(LABELS_BY)}.")
        if self.grader is not None:
            object.__setattr__(self, "labels_by", "grader")
        elif self.labels_by == "grader":
            raise UserError("Say whose labels count, such as grader:Ana.")
        if not 0 <= self.generated_cap <= 0.9:
            raise UserError(f"A cap of {self.generated_cap} cannot be used; give a share from 0 to 0.9.")


def parse_labels_by(text: str) -> tuple[str, str | None]:
    """`majority` as (`majority`, None), and `grader:Ana` as (`grader`, `Ana`).

    Raises:
        UserError: neither.
    """
    method, _, name = text.partition(":")
    if (method == "grader") != bool(name.strip()) or method not in LABELS_BY:
        known = ", ".join((*LABELS_BY[:-1], "grader:NAME"))
        raise UserError(f"Labels cannot be taken by “{text}”; use {known}.")
    return method, name.strip() or None


def plural(count: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _list(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)
