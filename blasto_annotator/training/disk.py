"""Whether a disk has room for what is about to be written on it."""

from __future__ import annotations

import shutil
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from gan.contract.config import RunConfig

MB = 1_000_000


def run_megabytes(config: RunConfig) -> float:
    """Megabytes that a run takes at most, estimated from above: its checkpoints, sample grids and record.

    A checkpoint holds generator (with average and two Adam moments) and discriminator (with two moments) in
    float32: seven copies of about as many numbers as the convolutions have, and a third for all else.
    """
    base = float(config.options.get("channel_base", 16384))
    most = float(config.options.get("channel_max", 512))
    sizes = [4 << step for step in range(config.resolution.bit_length() - 2)]
    widths = [min(base / size, most) for size in sizes]
    numbers = sum(9 * (before + width) * width for before, width in zip([0.0, *widths], widths, strict=False))
    checkpoint = 7 * 4 * numbers * 4 / 3 / MB
    return 20.0 + checkpoint * (config.keep_checkpoints + 1)


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
