"""Which embryo each image of a snapshot's split shows, from `manifest.csv` beside the split."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.contract.errors import UserError

MANIFEST = "manifest.csv"
_SNAPSHOT = "snapshot.json"
_REAL = "real"


@dataclass(frozen=True)
class Origins:
    """Where the images of a data set come from, in its order."""

    embryos: tuple[str, ...]
    """The embryo's name; empty where unknown, as for generated images."""
    real: npt.NDArray[np.bool_]
    """Whether the image shows a real embryo [N]."""


def read_origins(data: Path, names: Sequence[str]) -> Origins | None:
    """The origins of the images `names` of the split `data`; None where no manifest of ours lies beside it.

    Raises:
        UserError: a snapshot's manifest cannot be read, or a manifest does not know an image.
    """
    file = data.parent / MANIFEST
    if not data.is_dir() or not file.is_file():
        return None
    try:
        rows = _rows(file)
    except UserError:
        if (data.parent / _SNAPSHOT).exists():
            raise
        return None  # somebody's file of the same name
    keys = [f"{data.name}/{name}" for name in names]
    unknown = next((key for key in keys if key not in rows), None)
    if unknown is not None:
        raise UserError(f"{file} does not know {unknown}: build the snapshot again.")
    origins = [rows[key] for key in keys]
    return Origins(
        tuple(embryo for _, embryo in origins), np.array([kind == _REAL for kind, _ in origins], bool)
    )


def _rows(file: Path) -> Mapping[str, tuple[str, str]]:
    """File to origin and embryo."""
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            table = csv.DictReader(opened)
            if not {"file", "origin", "embryo"} <= set(table.fieldnames or ()):
                raise ValueError("it lacks a column")
            return {row["file"]: (row["origin"], row["embryo"]) for row in table}
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"{file} cannot be read ({error}): build the snapshot again.") from error
