"""A generated batch: `batches/<id>/` with `batch.json` (written last), `images/` and `provenance.csv`.

Each PNG carries its provenance as text chunks under the keys below. Its name (`images/<id>-00000.png`) is its
batch and its number: it betrays no class, and no two batches share a name, so that a list of verdicts needs
no folder. `provenance.csv` has the columns `image,sha256,class_index,class_name,seed`; where an
expert scorer chose, `scores.csv` says what it expects of each image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gan.contract.jsonfile import read_object, write_json

PROVENANCE_KEYS = (
    "blasto:synthetic",  # always "true"
    "blasto:model",  # networks_sha256 of the checkpoint
    "blasto:family",
    "blasto:seed",
    "blasto:class",
    "blasto:truncation",
    "blasto:noise",  # const, none or random
    "blasto:version",
)
PROVENANCE_COLUMNS = ("image", "sha256", "class_index", "class_name", "seed")
PROVENANCE_FILE = "provenance.csv"


@dataclass(frozen=True)
class BatchInfo:
    """What `batch.json` says."""

    id: str
    run: str
    """Name of the run folder, or an empty string where the checkpoint stands alone."""
    checkpoint: str
    """Path of the checkpoint, relative to the batch folder where it can be."""
    model: str
    """networks_sha256 of the checkpoint."""
    family: str
    resolution: int
    classes: tuple[str, ...]
    per_class: int
    truncation: float
    first_seed: int
    created_utc: str
    scorer: Mapping[str, Any] | None = None
    """What the expert scorer did, where one chose: its `id`, the least p that it had to `accept`, `per_class`
    wanted, and for each of `classes` the `tries`, those `accepted` and their `rate`."""


def write_batch(folder: Path, info: BatchInfo) -> None:
    """Writes `batch.json`; call it last: a batch without it is incomplete."""
    write_json(folder / "batch.json", {"v": 1, **asdict(info)})


def read_batch(folder: Path) -> BatchInfo:
    """Reads `batch.json`.

    Raises:
        OSError, ValueError, KeyError: absent, unreadable or incomplete.
    """
    value = read_object(folder / "batch.json")
    return BatchInfo(
        **{k: value[k] for k in BatchInfo.__dataclass_fields__ if k not in ("classes", "scorer")},
        classes=tuple(value["classes"]),
        scorer=value.get("scorer"),
    )
