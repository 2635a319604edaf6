"""The manifest of a training set before it is written: which image, in which split, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from blasto_annotator.curation.items import Item
from blasto_annotator.store.csv_table import write_csv

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
    write_csv(path, COLUMNS, (manifest_row(item, split) for item, split in items))
