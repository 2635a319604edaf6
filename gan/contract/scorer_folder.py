"""An expert scorer: a folder with `scorer.json` (written last) and, where it is of use, `scorer.safetensors`
(which chooses pictures) and `scorer-halves.safetensors` (which may reward a generator in training).

It is trained on a table of verdicts with the columns below, one row an image: a generated image with what the
expert said of it, or a real training frame, whose `batch` is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan.contract.jsonfile import read_object

VERDICT_COLUMNS = (
    "image",  # absolute, or relative to the table
    "sha256",  # of the file; empty where nobody need check it
    "class_index",
    "class_name",
    "perfect",  # 1 or 0; empty where the expert said nothing of it
    "right_class",  # 1 or 0
    "batch",  # empty: a real frame
    "embryo",  # of a real frame
)
VERDICT_FILE = "verdicts.csv"
SCORER_FILE = "scorer.json"
SCORER_NETWORK = "scorer.safetensors"
SCORER_HALVES = "scorer-halves.safetensors"
"""Two networks, each trained on half of the verdicts: for rewards in training."""
SCORES_FILE = "scores.csv"
"""In a generated batch: what the scorer expects of each image."""
SCORE_COLUMNS = ("image", "sha256", "p_perfect", "p_right_class", "p")


@dataclass(frozen=True)
class ScorerInfo:
    """What `scorer.json` says that others than people need."""

    path: Path
    id: str
    """SHA-256 of the network and its calibration; empty where it is of no use."""
    classes: tuple[str, ...]
    useful: bool
    sentence: str
    """How good it is and on how many verdicts, or why it is not used."""
    facts: Mapping[str, Any]
    """All of the file."""


def read_scorer(folder: Path) -> ScorerInfo:
    """Reads `scorer.json`.

    Raises:
        OSError, ValueError, KeyError, TypeError: absent, unreadable or incomplete.
    """
    said = read_object(folder / SCORER_FILE)
    classes = tuple(str(name) for name in said["classes"])
    return ScorerInfo(folder, str(said["id"]), classes, bool(said["useful"]), str(said["sentence"]), said)
