"""The published Inception weights: found or given, never downloaded, never bundled."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan.contract.errors import UserError
from gan.data.caches import cache_root
from gan.data.decode import Pixels
from gan.metrics.extractors.base import Extracted, Identity
from gan.metrics.extractors.inception import FEATURES, InceptionNetwork
from gan.metrics.extractors.resizing import FILTER, resized

FILE = "pt_inception-2015-12-05-6726825d.pth"
VARIABLE = "BLASTO_INCEPTION"
_SIDE = 299


class InceptionExtractor:
    """Inception v3 (2015) on images of any size, grey or colour."""

    def __init__(self, path: Path, device: torch.device | str = "cpu", batch: int = 32) -> None:
        self._network = InceptionNetwork(_read(path), device)
        self._device, self._batch = device, batch
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.identity = Identity("Inception v3 (2015)", digest, f"{FILTER} to {_SIDE}", FEATURES)

    def extract(self, images: Pixels) -> Extracted:
        """Features and logits; see the seam."""
        parts = [self._one(images[at : at + self._batch]) for at in range(0, len(images), self._batch)]
        return Extracted(np.concatenate([f for f, _ in parts]), np.concatenate([k for _, k in parts]))

    def _one(self, images: Pixels) -> tuple[np.ndarray, np.ndarray]:
        values = torch.from_numpy(resized(images, _SIDE)).to(self._device) / 127.5 - 1
        features, logits = self._network(values.expand(-1, 3, -1, -1))
        return features.cpu().numpy(), logits.cpu().numpy()


def find_inception(given: Path | None) -> Path | None:
    """The weights file: as given, else named by the variable BLASTO_INCEPTION, else in the user's cache.

    Raises:
        UserError: a file was named that is not there.
    """
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        if not named.is_file():
            raise UserError(
                f"There is no Inception weights file at {named}: correct the path, or leave it out."
            )
        return named
    cached = cache_root() / FILE
    return cached if cached.is_file() else None


def _read(path: Path) -> Mapping[str, Tensor]:
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        if (
            not isinstance(weights, Mapping)
            or "fc.weight" not in weights
            or "Mixed_7c.branch1x1.bn.weight" not in weights
        ):
            raise UserError(f"{path} holds other weights than Inception's: name the file {FILE}.")
    except (
        OSError,
        RuntimeError,
        EOFError,
        LookupError,
        ValueError,
        TypeError,
        pickle.UnpicklingError,
    ) as error:
        raise UserError(f"{path} is not a readable weights file: fetch {FILE} again.") from error
    return weights
