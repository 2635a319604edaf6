"""Leaving out near-identical frames of an embryo, told by their perceptual hashes.

Hashes are kept in the project's cache by content, so that a preview decodes each frame once in its life.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from blasto_annotator.curation.items import Item
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.imaging.errors import ImageError
from blasto_annotator.imaging.phash import distance, perceptual_hash
from gan.contract.jsonfile import read_json, write_json

_log = logging.getLogger(__name__)
_FILE = "perceptual-hashes-1.json"
Progress = Callable[[int, int], None]


def hash_items(
    cache: Path, items: Sequence[Item], progress: Progress | None = None
) -> tuple[dict[str, int], dict[str, str]]:
    """sha256 to perceptual hash; and sha256 to reason, for images that cannot be decoded."""
    known = _load(cache / _FILE)
    missing = [item for item in items if item.sha256 not in known]
    damaged: dict[str, str] = {}
    with ThreadPoolExecutor(thread_name_prefix="phash") as pool:
        for done, (item, found) in enumerate(zip(missing, pool.map(_hash, missing), strict=True), start=1):
            if isinstance(found, int):
                known[item.sha256] = found
            else:
                damaged[item.sha256] = found
            if progress is not None:
                progress(done, len(missing))
    if missing:
        _save(cache / _FILE, known)
    return known, damaged


def thin(items: Sequence[Item], hashes: Mapping[str, int], threshold: int) -> list[Item]:
    """The items, in their order, that differ from every earlier kept one of their embryo by more than
    `threshold` bits; all of them where it is 0."""
    if threshold == 0:
        return list(items)
    kept: list[Item] = []
    of_embryo: dict[str, list[int]] = {}
    for item in items:
        own = hashes[item.sha256]
        earlier = of_embryo.setdefault(item.embryo, [])
        if all(distance(own, other) > threshold for other in earlier):
            earlier.append(own)
            kept.append(item)
    return kept


def _hash(item: Item) -> int | str:
    try:
        return perceptual_hash(decode_grey(item.path))
    except ImageError as error:
        return error.reason


def _load(file: Path) -> dict[str, int]:
    """Nothing where the cache is absent or damaged."""
    try:
        return {sha256: int(text, 16) for sha256, text in read_json(file).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        _log.warning("%s is made again: %s", file, error)
        return {}


def _save(file: Path, hashes: Mapping[str, int]) -> None:
    try:
        file.parent.mkdir(exist_ok=True)
        write_json(file, {sha256: f"{value:016x}" for sha256, value in hashes.items()})
    except OSError as error:
        _log.warning("%s was not stored: %s", file, error)
