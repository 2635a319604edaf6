"""The manifest of a training set before it is written: which image, in which split, and why."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from blasto_annotator.curation.items import Item
from blasto_annotator.domain.errors import UserError

COLUMNS = (
    "split",
    "class",
    "origin",
    "embryo",
    "hpi",
    "plane",
    "grade",
    "grader",
    "source",
    "file",
    "reason",
)


def manifest_row(item: Item, split: str) -> tuple[str, ...]:
    """One image in the order of `COLUMNS`; what is not known stays empty."""
    values = (
        split, item.class_name, item.origin, item.embryo, item.hpi, item.plane, item.grade, item.grader,
        item.source, item.source_file, item.reason,
    )  # fmt: skip
    return tuple(
        "" if value is None else f"{value:g}" if isinstance(value, float) else str(value) for value in values
    )


def write_manifest(items: Sequence[tuple[Item, str]], path: Path) -> None:
    """Writes the list as CSV.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(manifest_row(item, split) for item, split in items)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}): choose another place.") from error
