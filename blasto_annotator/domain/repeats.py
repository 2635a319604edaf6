"""Silent repeats: a small share of images comes back turned or mirrored, to see how a grader agrees with
himself. When one is due, which image and how it is laid follow from hashes: neither chance nor a clock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.labels import Label, LabelEntry
from blasto_annotator.domain.orientations import ORIENTATIONS

DEFAULT_SHARE = 0.05
LARGEST_SHARE = 0.5
GAP_LABELS = 50
"""A repeat comes after at least so many other labels of the grader …"""
GAP_TIME = timedelta(days=1)
"""… or after so long."""
TURNS = ORIENTATIONS[1:]
PLACE = "place"
"""Where it is kept, beside what was on screen, which frame an image stood in for."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class RepeatTask:
    """An image to be shown again before the next one, unannounced."""

    frame_id: int
    sha256: str
    """Of the image as it was graded; a file that changed since is not shown."""
    transform: str
    """One of `domain.orientations`, never as it is."""
    first_label_id: int


@dataclass(frozen=True)
class RepeatLabel:
    """What a grader said the second time. It counts for agreement and for nothing else."""

    id: int
    frame_id: int
    sha256: str
    grader: str
    transform: str
    first_label_id: int
    entry: LabelEntry
    time_utc: datetime


@dataclass(frozen=True)
class RepeatPair:
    """Both looks of one grader at one image."""

    first: Label
    again: RepeatLabel


def checked_share(share: float) -> float:
    """The share itself.

    Raises:
        UserError: it is not between 0 (off) and one half.
    """
    if not 0 <= share <= LARGEST_SHARE:
        raise UserError(
            f"The share of repeats must lie between 0 (none) and {LARGEST_SHARE:g}, it is {share:g}."
        )
    return share


def is_slot(project_id: str, label_id: int, share: float) -> bool:
    """Whether a repeat follows this label: true of `share` of all labels, and the same for ever."""
    return _fraction(project_id, "slot", label_id) < share


def chosen(project_id: str, label_id: int, eligible: Sequence[_T]) -> _T:
    """One of the eligible for the repeat after this label; `eligible` is not empty."""
    return eligible[int(_fraction(project_id, "image", label_id) * len(eligible))]


def turn(project_id: str, label_id: int) -> str:
    """How the image is laid in the repeat after this label."""
    return chosen(f"{project_id} turn", label_id, TURNS)


def _fraction(project_id: str, purpose: str, label_id: int) -> float:
    """A number in [0, 1) that looks random: 52 bits of a SHA-256."""
    digest = hashlib.sha256(f"{project_id}:{purpose}:{label_id}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 12) / (1 << 52)
