"""Whether a disk has room for what is about to be written on it."""

from __future__ import annotations

import shutil
from pathlib import Path

from blasto_annotator.domain.errors import UserError

MB = 1_000_000


def run_megabytes(resolution: int, keep_checkpoints: int) -> float:
    """Megabytes that a run takes at most, from above: networks with optimizer state, samples and record.

    One checkpoint holds G, its average, D and two Adam moments of each in float32; at 256 px and full width
    that is about 54 million numbers, or 700 MB with the sample grids beside them; narrower below.
    """
    checkpoint = {16: 30, 32: 60, 64: 200, 128: 450}.get(resolution, 700)
    return 50.0 + checkpoint * (keep_checkpoints + 1)


def require_space(folder: Path, megabytes: float, purpose: str) -> None:
    """Checks the free space of the disk that `folder` (or its nearest parent) lies on.

    Raises:
        UserError: less than `megabytes` are free.
    """
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free / MB
    if free < megabytes:
        raise UserError(
            f"{purpose} needs about {_size(megabytes)} on the disk of {place}, and {_size(free)} are free: "
            "make room, then try again."
        )


def _size(megabytes: float) -> str:
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"
