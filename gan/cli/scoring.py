"""What `evaluate` computes: images gathered, features taken, scores in plain values."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gan.contract.batch_folder import PROVENANCE_FILE
from gan.contract.errors import UserError
from gan.contract.snapshot_folder import SPLITS, read_snapshot
from gan.data.decode import Pixels, decode, image_size
from gan.data.images import Form, load_images
from gan.data.listing import read_listing
from gan.data.pictures import to_pixels
from gan.data.source import open_source
from gan.metrics.evaluation import Options, evaluate
from gan.metrics.extractors.base import Extractor
from gan.metrics.extractors.encoder import EncoderExtractor, EncoderTraining, train_encoder
from gan.metrics.extractors.inception_files import FILE, InceptionExtractor, find_inception
from gan.metrics.images import Images
from gan.training.device import choose_machine
from gan.training.latents import latents
from gan.training.networks import open_network


@dataclass(frozen=True)
class Wish:
    """What to score against what."""

    data: Path
    split: str
    network: Path | None
    images: Path | None
    per_class: int
    seed: int
    truncation: float
    repeats: int
    device: str


def score(wish: Wish, features: str, inception: Path | None) -> dict[str, Any]:
    """The evaluation as plain values.

    Raises:
        UserError: something cannot be read, or there are too few images.
    """
    real, classes = real_images(wish.data, wish.split)
    generated, source = _generated(wish, classes)
    extractor = choose_extractor(features, inception, real, wish.device)
    try:
        found = evaluate(real, generated, classes, extractor, Options(repeats=wish.repeats, seed=wish.seed))
    except ValueError as error:
        raise UserError(f"{wish.data} cannot be compared with: {error}.") from error
    facts = {"data": str(wish.data), "split": wish.split, "generated": source, "truncation": wish.truncation}
    return {**facts, **asdict(found)}


def real_images(path: Path, split: str) -> tuple[Images, tuple[str, ...]]:
    """Real images and class names of a snapshot (generated ones left out) or of a plain data set.

    Raises:
        UserError: no such data, or the split is unknown or empty.
    """
    if not (path / "snapshot.json").exists():
        return _plain(path)
    if split not in (*SPLITS, "all"):
        raise UserError(f"There is no split {split!r}: choose one of {', '.join(SPLITS)} and all.")
    info = read_snapshot(path)
    rows = [row for row in _manifest(path) if row["origin"] == "real" and split in ("all", row["split"])]
    if not rows:
        raise UserError(f"{path} has no real image in the split {split}: choose another.")
    pixels = np.stack([_read(path / row["file"], info.size) for row in rows])
    labels = np.array([int(row["class_index"]) for row in rows], np.int64)
    return Images(pixels, labels, tuple(row["embryo"] for row in rows)), info.classes


def choose_extractor(features: str, inception: Path | None, real: Images, device: str) -> Extractor:
    """Inception where its weights are, else (or where asked for) an encoder trained on the real images.

    Raises:
        UserError: Inception was asked for and is not there, or there are too few images for an encoder.
    """
    chosen = choose_machine(device, "float32", 0).device
    weights = None if features == "encoder" else find_inception(inception)
    if weights is not None:
        return InceptionExtractor(weights, chosen)
    if features == "inception":
        raise UserError(
            f"The Inception weights are not here: fetch {FILE} and name it with --inception, "
            "or use --features encoder."
        )
    try:
        return EncoderExtractor(train_encoder(real.pixels, EncoderTraining(), chosen), chosen)
    except ValueError as error:
        raise UserError(f"{error}: import and label more frames.") from error


def _generated(wish: Wish, classes: tuple[str, ...]) -> tuple[Images, str]:
    if wish.images is not None:
        found = _batch(wish.images) if (wish.images / "batch.json").exists() else _plain(wish.images)[0]
        return Images(found.pixels, found.labels), str(wish.images)
    assert wish.network is not None  # noqa: S101 - the command asks for one of the two
    network = open_network(wish.network, wish.device)
    if network.classes and network.classes != classes:
        raise UserError(
            f"{wish.network} has the classes {', '.join(network.classes)}, "
            f"but {wish.data} has {', '.join(classes)}."
        )
    labels = np.repeat(np.arange(max(len(network.classes), 1)), wish.per_class)
    z = latents([wish.seed + i for i in range(len(labels))], network.family.z_dim)
    parts = network.images(z, _tensor(labels), wish.truncation, "const")
    pixels = np.concatenate([to_pixels(part.numpy()) for part in parts])
    return Images(pixels, labels.astype(np.int64)), str(network.description["networks_sha256"])


def _plain(path: Path) -> tuple[Images, tuple[str, ...]]:
    """A data set in the StyleGAN tools' layout; each image counts as its own embryo."""
    with open_source(path) as source:
        listing = read_listing(source)
        width, _, channels = image_size(source.read(listing.names[0]), str(source.path / listing.names[0]))
    highest = max(listing.labels or (0,))
    classes = listing.classes or tuple(str(n) for n in range(highest + 1 if listing.labels else 0))
    found = load_images(path, Form(width, channels, classes))
    return Images(found.pixels, found.labels, listing.names), classes


def _batch(path: Path) -> Images:
    with (path / PROVENANCE_FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first = (path / rows[0]["image"]).read_bytes()
    size = image_size(first, rows[0]["image"])[0]
    pixels = np.stack([_read(path / row["image"], size) for row in rows])
    return Images(pixels, np.array([int(row["class_index"]) for row in rows], np.int64))


def _manifest(path: Path) -> list[dict[str, str]]:
    with (path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read(path: Path, size: int) -> Pixels:
    try:
        return decode(path.read_bytes(), str(path), size, 1)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error


def _tensor(labels: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(labels.astype(np.int64))
