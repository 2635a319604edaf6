"""How much of the drawn variety a generator shows, and how much of it belongs there: figures of one eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from quick_learning import DrawnSet

from gan.metrics.extractors.base import Extractor
from gan.metrics.extractors.encoder import EncoderExtractor, EncoderTraining
from gan.metrics.keeping import kept_encoder
from gan.metrics.manifold import manifold


class Eye:
    """An in-domain encoder, trained on the drawn training images; the same for all that is compared."""

    def __init__(self, drawn: DrawnSet, folder: Path) -> None:
        images = drawn.images[~drawn.held_out].numpy()
        pixels = ((images + 1) * 127.5).round().astype(np.uint8)
        cpu = torch.device("cpu")
        encoder = kept_encoder(pixels, EncoderTraining(), cpu, print, folder)
        self._extractor: Extractor = EncoderExtractor(encoder, cpu)
        self._real = self._extractor.extract(pixels).features

    def look(self, images: torch.Tensor) -> dict[str, float]:
        """Recall (share of drawn images inside the generated manifold), coverage and precision of images
        [N, 1, 32, 32] in [-1, 1]."""
        pixels = ((images.numpy() + 1) * 127.5).round().astype(np.uint8)
        found = manifold(self._real, self._extractor.extract(pixels).features)
        return {"recall": found.recall, "coverage": found.coverage, "precision": found.precision}
