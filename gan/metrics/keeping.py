"""What evaluations need again: features of real images, and encoders, kept under keys of their content.

A key is made of the images' own bytes and of everything else that decides the result, so an image that
changed, another extractor or another resize is simply another key. Files are safetensors with their own
checksum; one that is damaged is said, and made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from gan.contract.whole_file import whole_file
from gan.data.caches import cache_root
from gan.data.decode import Pixels
from gan.metrics.extractors.base import Extracted, Extractor
from gan.metrics.extractors.encoder import EncoderTraining, build_encoder, train_encoder

log = logging.getLogger(__name__)

Arrays = dict[str, npt.NDArray[np.generic]]
Say = Callable[[str], None]

_FORM = 1
"""Of the files and of the encoder's training; another number forgets all that was kept."""
_KEPT_FILES = 64
_CHECKSUM = "sha256"


class CachedExtractor:
    """An extractor that keeps what it found; for real images, which come again and again."""

    def __init__(self, extractor: Extractor, say: Say, folder: Path | None = None) -> None:
        self._extractor, self._say = extractor, say
        self._folder = folder or default_folder()
        self.identity = extractor.identity

    def extract(self, images: Pixels) -> Extracted:
        """Features; see the seam."""
        facts = [_FORM, asdict(self.identity), content_hash(images)]
        file = self._folder / f"features-{_key(facts)}.safetensors"
        kept = _read(file, self._say)
        if kept is None or len(kept.get("features", ())) != len(images):
            found = self._extractor.extract(images)
            logits = {} if found.logits is None else {"logits": found.logits}
            kept = {"features": found.features, **logits}
            _write(file, kept)
        return Extracted(kept["features"], kept.get("logits"))  # type: ignore[arg-type]


def kept_encoder(
    images: Pixels, training: EncoderTraining, device: torch.device, say: Say, folder: Path | None = None
) -> torch.nn.Sequential:
    """The encoder trained on these images, from the cache where it has been trained before.

    Raises:
        ValueError: fewer than eight images.
    """
    facts = [_FORM, asdict(training), device.type, content_hash(images)]
    file = (folder or default_folder()) / f"encoder-{_key(facts)}.safetensors"
    network = build_encoder().to(device)
    kept = _read(file, say)
    if kept is not None:
        network.load_state_dict({name: torch.from_numpy(value) for name, value in kept.items()})
        return network
    log.info("training the in-domain encoder on %d images", len(images))
    network = train_encoder(images, training, device)
    _write(file, {name: value.detach().cpu().numpy() for name, value in network.state_dict().items()})
    return network


def default_folder() -> Path:
    """In the user's cache."""
    return cache_root() / "features"


def content_hash(images: Pixels) -> str:
    """SHA-256 over the shape and each image's own SHA-256, in their order; images [N, C, H, W]."""
    digest = hashlib.sha256(repr(images.shape).encode())
    for image in images:
        digest.update(hashlib.sha256(np.ascontiguousarray(image).tobytes()).digest())
    return digest.hexdigest()


def _key(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:40]


def _read(file: Path, say: Say) -> Arrays | None:
    if not file.exists():
        return None
    try:
        with safe_open(file, framework="np") as opened:
            metadata = opened.metadata() or {}
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
        damaged = metadata.get(_CHECKSUM) != _digest(arrays)
    except (OSError, SafetensorError, ValueError):
        damaged = True
    if damaged:
        say(f"{file} is damaged: what it held is computed again.")
        return None
    os.utime(file)
    return arrays


def _write(file: Path, arrays: Arrays) -> None:
    """A full disk costs the cache, and time."""
    whole = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as temporary:
            save_file(whole, temporary, {_CHECKSUM: _digest(whole)})
        _prune(file.parent)
    except (OSError, SafetensorError) as error:
        log.warning("%s cannot be kept: %s", file, error)


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT_FILES:]:
        file.unlink(missing_ok=True)


def _digest(arrays: Mapping[str, npt.NDArray[np.generic]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        value = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}{value.dtype}{value.shape}".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()
