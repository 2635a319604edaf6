"""A data set decoded once: one array of 8-bit values, in memory or mapped from a cache file."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.contract.errors import UserError
from gan.contract.whole_file import whole_file
from gan.data.caches import cache_root
from gan.data.decode import Pixels, decode
from gan.data.listing import Listing, read_listing, require_labels
from gan.data.source import Source, open_source, read_file

log = logging.getLogger(__name__)

MEMORY_LIMIT = 2 * 2**30
"""Bytes of decoded images above which they are mapped from a file instead of held in memory."""
_KEPT_CACHES = 2
_AT_ONCE = 512


@dataclass(frozen=True)
class ImageSet:
    """A decoded data set."""

    pixels: Pixels
    """[N, C, H, W], 0 to 255."""
    labels: npt.NDArray[np.int64]
    """Class indices [N]; zeros without classes."""
    weights: npt.NDArray[np.float64] | None
    """How often each image is shown relative to the others [N]; None: all alike."""
    names: tuple[str, ...] = ()
    """The images' names in the data set; empty where they are of no file."""

    def __len__(self) -> int:
        return len(self.pixels)


@dataclass(frozen=True)
class Form:
    """What the images are decoded to."""

    resolution: int
    channels: int
    """1 or 3."""
    classes: tuple[str, ...] = ()

    @property
    def bytes_an_image(self) -> int:
        return self.resolution**2 * self.channels


def default_cache() -> Path:
    """The user's cache folder for decoded data sets; it may be deleted at any time."""
    return cache_root() / "decoded"


def load_images(
    path: Path, form: Form, cache: Path | None = None, memory_limit: int = MEMORY_LIMIT
) -> ImageSet:
    """Decodes the data set at `path` (a folder or zip file in the StyleGAN tools' layout).

    Raises:
        UserError: something in it cannot be trained on; names the file.
    """
    with open_source(path) as source:
        listing = read_listing(source)
        labels = require_labels(listing, source, form.classes)
        if len(listing.names) * form.bytes_an_image <= memory_limit:
            pixels = _in_memory(source, listing, form)
        else:
            pixels = _mapped(source, listing, form, cache or default_cache())
    weights = None if listing.weights is None else np.asarray(listing.weights, dtype=np.float64)
    return ImageSet(pixels, np.asarray(labels, dtype=np.int64), weights, listing.names)


def _decoded(source: Source, listing: Listing, form: Form) -> Iterator[Pixels]:
    def one(name: str) -> Pixels:
        return decode(read_file(source, name), str(source.path / name), form.resolution, form.channels)

    names = iter(listing.names)
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        while chunk := list(islice(names, _AT_ONCE)):
            yield from pool.map(one, chunk)


def _in_memory(source: Source, listing: Listing, form: Form) -> Pixels:
    shape = (len(listing.names), form.channels, form.resolution, form.resolution)
    pixels = np.empty(shape, dtype=np.uint8)
    for place, image in zip(pixels, _decoded(source, listing, form), strict=True):
        place[:] = image
    return pixels


def _mapped(source: Source, listing: Listing, form: Form, cache: Path) -> Pixels:
    file = cache / f"{_key(source, listing, form)}.bin"
    shape = (len(listing.names), form.channels, form.resolution, form.resolution)
    if not file.exists() or file.stat().st_size != len(listing.names) * form.bytes_an_image:
        log.info("decoding %d images of %s into %s", len(listing.names), source.path, file)
        _write_cache(file, _decoded(source, listing, form))
    file.touch()
    _prune(cache)
    return np.memmap(file, dtype=np.uint8, mode="r", shape=shape)


def _write_cache(file: Path, images: Iterator[Pixels]) -> None:
    """Plain writes, not writes through a map: a full disk is then an error and not a crash."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as temporary, temporary.open("wb") as target:
            for image in images:
                target.write(image.tobytes())
    except OSError as error:
        raise UserError(
            f"The decoded images cannot be kept in {file.parent} ({error.strerror or error}): "
            "free some space on that disk."
        ) from error


def _key(source: Source, listing: Listing, form: Form) -> str:
    parts = [[name, source.fingerprint(name)] for name in listing.names]
    value = json.dumps([str(source.path.resolve()), form.resolution, form.channels, parts])
    return hashlib.sha256(value.encode()).hexdigest()[:32]


def _prune(cache: Path) -> None:
    files = sorted(cache.glob("*.bin"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT_CACHES:]:
        try:
            file.unlink()
        except OSError as error:  # Windows keeps a file that another trainer maps
            log.info("%s stays: %s", file, error)
