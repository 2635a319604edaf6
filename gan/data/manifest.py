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
_REAL = "real"


@dataclass(frozen=True)
class Origins:
    """Where the images of a data set come from, in its order."""

    embryos: tuple[str, ...]
    """The embryo's name; empty where unknown, as for generated images."""
    real: npt.NDArray[np.bool_]
    """Whether the image shows a real embryo [N]."""


def read_origins(data: Path, names: Sequence[str]) -> Origins | None:
    """The origins of the images `names` of the split `data`; None where no manifest lies beside it.

    Raises:
        UserError: the manifest cannot be read or does not know an image.
    """
    file = data.parent / MANIFEST
    if not data.is_dir() or not file.is_file():
        return None
    rows = _rows(file)
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
            return {row["file"]: (row["origin"], row["embryo"]) for row in csv.DictReader(opened)}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise UserError(f"{file} cannot be read ({error}): build the snapshot again.") from error
