"""A generated batch on disk, as `gan.contract.batch_folder` says: in an order that betrays no class."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from gan.cli.choosing import write_scores
from gan.cli.pictures import Taken, Targets, Wanted, made, text_of
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE, BatchInfo, write_batch
from gan.contract.errors import UserError
from gan.contract.scorer_folder import SCORES_FILE
from gan.data.pictures import to_pixels, write_png


def write_batch_folder(taken: Taken, wanted: Wanted, targets: Targets) -> None:
    """Writes images, provenance and, last, `batch.json`.

    Raises:
        UserError: the folder holds something already.
        OSError: something cannot be written.
    """
    folder = targets.batch_dir
    assert folder is not None  # noqa: S101 - the caller asks only then
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty: name a new folder for the batch.")
    (folder / "images").mkdir(parents=True, exist_ok=True)
    shuffled = _shuffled(wanted, targets.first_seed)
    rows: list[tuple[object, ...]] = []
    number = 0
    for part in made(taken, shuffled):
        for picture in to_pixels(part):
            name = f"images/{folder.name}-{number:05d}.png"
            digest = write_png(folder / name, picture, text_of(taken, shuffled, number))
            rows.append((name, digest, *_class(taken, shuffled.labels[number]), shuffled.names[number]))
            number += 1
    _write_rows(folder / PROVENANCE_FILE, rows)
    if targets.choice is not None:
        write_scores(folder / SCORES_FILE, targets.choice, rows)
    write_batch(folder, _info(taken, targets, folder))


def _shuffled(wanted: Wanted, seed: int) -> Wanted:
    order = np.random.RandomState(seed % 2**32).permutation(len(wanted.names))
    assert wanted.z is not None  # noqa: S101 - batches are made from seeds
    return Wanted(
        tuple(wanted.names[i] for i in order),
        tuple(wanted.labels[i] for i in order),
        wanted.z[torch.from_numpy(order)],
    )


def _class(taken: Taken, index: int) -> tuple[int, str]:
    classes = taken.network.classes
    return index, classes[index] if classes else ""


def _write_rows(path: Path, rows: Sequence[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PROVENANCE_COLUMNS)
        writer.writerows(rows)


def _info(taken: Taken, targets: Targets, folder: Path) -> BatchInfo:
    said = taken.network.description
    return BatchInfo(
        id=folder.name,
        run=targets.run or str(said.get("run", "")),
        checkpoint=_relative(taken.network.path, folder),
        model=str(said["networks_sha256"]),
        family=str(said["family"]),
        resolution=int(said["resolution"]),
        classes=taken.network.classes,
        per_class=targets.per_class,
        truncation=taken.truncation,
        first_seed=targets.first_seed,
        created_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        scorer=None if targets.choice is None else dict(targets.choice.facts),
    )


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return path.resolve().as_posix()
