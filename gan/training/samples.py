"""Pictures of what the generator makes now: the same latents each time, a column block for each class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gan.contract.checkpoint import folder_name
from gan.contract.provenance import provenance
from gan.data.decode import Pixels
from gan.data.pictures import tile, to_pixels, write_png
from gan.training.family import Family
from gan.training.latents import latents
from gan.training.parts import Parts

_WIDTH, _HEIGHT = 1536, 1024
"""About the most pixels; a grid has at least two rows and one column a class, whatever that takes."""
_MOST_COLUMNS, _MOST_ROWS = 4, 6
_AT_ONCE = 16


@dataclass(frozen=True)
class GridLayout:
    """Rows of images, and for each class a block of columns."""

    rows: int
    block: int
    """Columns a class."""
    classes: tuple[str, ...]
    """Empty without classes: one block."""

    @property
    def columns(self) -> int:
        return self.block * max(len(self.classes), 1)

    @property
    def seeds(self) -> list[int]:
        """One latent a row and column of a block, shared by all classes so that they can be compared."""
        return [row * self.block + column for row in range(self.rows) for column in self._block_columns()]

    @property
    def labels(self) -> list[int]:
        return [index for _ in range(self.rows) for index, _ in self._columns()]

    def _columns(self) -> list[tuple[int, int]]:
        blocks = range(max(len(self.classes), 1))
        return [(index, column) for index in blocks for column in range(self.block)]

    def _block_columns(self) -> list[int]:
        return [column for _, column in self._columns()]


def grid_layout(resolution: int, classes: tuple[str, ...]) -> GridLayout:
    """As many images as a screen shows: 6 rows and 4 columns a class at most."""
    across = _WIDTH // (resolution * max(len(classes), 1))
    block = min(max(across, 1), _MOST_COLUMNS)
    rows = min(max(_HEIGHT // resolution, 2), _MOST_ROWS)
    return GridLayout(rows, block, classes)


def show_samples(parts: Parts, kimg: float) -> None:
    """Draws, writes and tells of the pictures; one that the disk refuses is told as a warning."""
    layout = grid_layout(parts.config.resolution, parts.config.classes)
    grid = draw_grid(parts.family, layout, parts.machine.device)
    run = parts.run
    try:
        path = write_grid(run.samples, kimg, grid, parts.config.family, run.path.name, layout)
    except OSError as error:  # a picture missed is no reason to lose what was learned
        parts.reporter.emit("warning", message=f"A sample picture cannot be written: {error.strerror}.")
        return
    parts.reporter.emit(
        "sample",
        kimg=kimg,
        path=path.relative_to(run.path).as_posix(),
        columns=list(layout.classes),
        rows=layout.rows,
        columns_count=layout.columns,
    )


def draw_grid(family: Family, layout: GridLayout, device: torch.device) -> Pixels:
    """The grid [C, rows * H, columns * W]: averaged weights, constant noise, no truncation."""
    z = latents(layout.seeds, family.z_dim)
    labels = torch.tensor(layout.labels, dtype=torch.int64)
    parts = list(_sampled(family, z, labels, device))
    return tile(to_pixels(np.concatenate(parts)), layout.columns)


def write_grid(folder: Path, kimg: float, grid: Pixels, family: str, run: str, layout: GridLayout) -> Path:
    """Writes `kimg-....png` with its provenance; returns its path.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"{folder_name(kimg)}.png"
    model = {"networks_sha256": f"{run} at kimg {kimg:.3f}", "family": family}
    seeds = f"0-{layout.rows * layout.block - 1}"
    write_png(path, grid, provenance(model, seeds, ", ".join(layout.classes), 1.0, "const"))
    return path


def _sampled(
    family: Family, z: torch.Tensor, labels: torch.Tensor, device: torch.device
) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    for start in range(0, len(z), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        yield family.sample(z[part].to(device), labels[part].to(device)).float().cpu().numpy()
