"""Thumbnails in a project's cache, which may be deleted at any time."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import cv2
import numpy as np

from blasto_annotator.imaging.decode import Grey, decode_grey
from blasto_annotator.imaging.errors import unreadable
from gan.contract.whole_file import whole_file

_log = logging.getLogger(__name__)


def thumbnail(cache: Path, image: Path, side: int = 128) -> Grey:
    """The image with neither side longer than `side`, from the cache where it is there.

    The key covers the file's size and time: a changed file gets a new thumbnail.

    Raises:
        ImageError (a UserError): the image cannot be read or decoded.
    """
    stored = _place(cache, image, side)
    pixels = _load(stored)
    if pixels is None:
        pixels = decode_grey(image, max_side=side)
        _store(stored, pixels)
    return pixels


def _load(stored: Path) -> Grey | None:
    """None where it is absent or damaged: a cache entry is simply made again."""
    if not stored.exists():
        return None
    data = np.frombuffer(stored.read_bytes(), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    return None if pixels is None else np.asarray(pixels, dtype=np.uint8)


def _place(cache: Path, image: Path, side: int) -> Path:
    try:
        state = image.stat()
    except OSError as error:
        raise unreadable(image, error) from error
    key = hashlib.sha256(f"{image}|{state.st_size}|{state.st_mtime_ns}|{side}".encode()).hexdigest()
    return cache / "thumbs" / key[:2] / f"{key}.png"


def _store(place: Path, pixels: Grey) -> None:
    """Writes whole or not at all; without room the thumbnail is simply made again next time."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(place) as temporary:
            temporary.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    except OSError as error:
        _log.warning("no thumbnail stored in %s: %s", place.parent, error)
