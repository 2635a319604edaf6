"""The two sides of an evaluation as arrays: real images, and generated ones from a network or from files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gan.contract.batch_folder import PROVENANCE_FILE, read_batch
from gan.contract.errors import UserError
from gan.contract.snapshot_folder import SPLITS, read_snapshot
from gan.data.decode import Pixels, decode, image_size
from gan.data.images import Form, load_images
from gan.data.listing import read_listing
from gan.data.pictures import to_pixels
from gan.data.source import FolderSource, open_source, read_file
from gan.metrics.images import Images
from gan.training.latents import latents
from gan.training.networks import Network


@dataclass(frozen=True)
class Gathered:
    """Images with the names of their classes."""

    images: Images
    classes: tuple[str, ...]
    """Empty without classes."""
    source: str
    """A path, or the network's hash."""


def real_images(path: Path, split: str) -> Gathered:
    """Real images of a snapshot (generated ones left out) or of a plain data set.

    Raises:
        UserError: no such data, or the split is unknown or empty.
    """
    if not (path / "snapshot.json").exists():
        return data_set(path)
    if split not in (*SPLITS, "all"):
        raise UserError(f"There is no split {split!r}: choose one of {', '.join(SPLITS)} and all.")
    try:
        info, rows = read_snapshot(path), _table(path / "manifest.csv")
        rows = [row for row in rows if row["origin"] == "real" and split in ("all", row["split"])]
        labels = [int(row["class_index"]) for row in rows]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"The snapshot {path} cannot be read ({error}): build it again.") from error
    if not rows:
        raise UserError(f"{path} has no real image in the split {split}: choose another.")
    pixels = _read(path, [row["file"] for row in rows], info.size)
    embryos = tuple(row["embryo"] for row in rows)
    return Gathered(Images(pixels, np.array(labels, np.int64), embryos), info.classes, str(path))


def data_set(path: Path) -> Gathered:
    """A data set in the StyleGAN tools' layout; each image counts as its own embryo.

    Raises:
        UserError: it cannot be read.
    """
    with open_source(path) as source:
        listing = read_listing(source)
        first = listing.names[0]
        width, _, channels = image_size(read_file(source, first), str(source.path / first))
    numbers = tuple(str(index) for index in range(max(listing.labels) + 1)) if listing.labels else ()
    classes = (listing.classes or numbers) if listing.labels else ()
    found = load_images(path, Form(width, channels, classes))
    return Gathered(Images(found.pixels, found.labels, listing.names), classes, str(path))


def generated_files(path: Path) -> Gathered:
    """A generated batch, or generated images in the StyleGAN tools' layout.

    Raises:
        UserError: they cannot be read.
    """
    if not (path / "batch.json").exists():
        return data_set(path)
    try:
        info, rows = read_batch(path), _table(path / PROVENANCE_FILE)
        labels = [int(row["class_index"]) for row in rows]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"The batch {path} cannot be read ({error}): generate it again.") from error
    pixels = _read(path, [row["image"] for row in rows], info.resolution)
    return Gathered(Images(pixels, np.array(labels, np.int64)), info.classes, str(path))


def generated_by(network: Network, per_class: int, seed: int, truncation: float) -> Gathered:
    """`per_class` images of each class, from seeds that rise by one an image.

    Raises:
        UserError: there are not so many seeds.
    """
    if seed + per_class * max(len(network.classes), 1) > 2**32:
        raise UserError(
            f"From seed {seed} on there are not enough seeds (the last is 4294967295): start lower."
        )
    labels = np.repeat(np.arange(max(len(network.classes), 1), dtype=np.int64), per_class)
    z = latents([seed + number for number in range(len(labels))], network.family.z_dim)
    parts = network.images(z, torch.from_numpy(labels), truncation, "const")
    pixels = np.concatenate([to_pixels(part.numpy()) for part in parts])
    return Gathered(Images(pixels, labels), network.classes, str(network.description["networks_sha256"]))


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read(folder: Path, names: list[str], size: int) -> Pixels:
    """Grey images [N, 1, H, W]."""
    source = FolderSource(folder)
    return np.stack([decode(read_file(source, name), str(folder / name), size, 1) for name in names])
