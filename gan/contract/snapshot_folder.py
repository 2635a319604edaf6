"""A snapshot: `snapshots/<id>/`, immutable, in the layout that StyleGAN-family tools read.

```
snapshots/<id>/
  dataset.json            {"labels": [["train/00000/img00000000.png", 2], ...], "classes": [...]} of all
  manifest.csv            each image's origin, hash, embryo, split, grade, grader and reason
  snapshot.json           id, options, counts (written last: a snapshot without it is incomplete)
  train/dataset.json      the same layout for one split alone: what a trainer is pointed at
  train/00000/img00000000.png
  val/...  test/...
```
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gan.contract.jsonfile import read_object

SPLITS = ("train", "val", "test")
MANIFEST_COLUMNS = (
    "file",  # relative to the snapshot
    "sha256",  # of the written PNG's pixels' source file: the hash the grader's label belongs to
    "origin",  # real or generated
    "source",  # the source's name, or the batch's id
    "source_file",  # relative to the source
    "embryo",
    "plane",
    "hpi",
    "split",
    "class",
    "class_index",
    "expansion",
    "icm",
    "te",
    "grader",
    "reason",  # why it is here: labelled, or reviewed as perfect
    "weight",
    "prepared",  # “inpainted” or “cropped”, and the areas x,y,width,height of burned-in text
)


@dataclass(frozen=True)
class SnapshotInfo:
    """What a trainer needs of `snapshot.json`."""

    path: Path
    id: str
    size: int
    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    """split -> class name -> images."""


def read_snapshot(folder: Path) -> SnapshotInfo:
    """Reads `snapshot.json`.

    Raises:
        OSError, ValueError, KeyError: absent, unreadable or incomplete.
    """
    value = read_object(folder / "snapshot.json")
    return SnapshotInfo(
        path=folder,
        id=str(value["id"]),
        size=int(value["size"]),
        classes=tuple(value["classes"]),
        counts=value["counts"],
    )
