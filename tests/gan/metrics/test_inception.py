"""The feature network is wired as the published one: same outputs for weights that anyone can rebuild."""

from __future__ import annotations

import ast
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from gan.metrics.extractors.inception import InceptionNetwork

DATA = Path(__file__).resolve().parents[2] / "data" / "inception"


def rebuilt(key: str, shape: tuple[int, ...]) -> Tensor:
    """The value of a weight by the recipe in tests/data/inception/README.md."""
    rng = np.random.RandomState(zlib.crc32(key.encode()) % 2**32)
    if key.endswith("running_var"):
        values = rng.uniform(0.5, 1.5, shape)
    elif key.endswith("bn.weight"):
        values = rng.uniform(0.8, 1.2, shape)
    elif key.endswith(("bias", "running_mean")):
        values = rng.randn(*shape) * 0.05
    else:
        values = rng.randn(*shape) * np.sqrt(2 / np.prod(shape[1:]))
    return torch.from_numpy(values.astype(np.float32))


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for line in (DATA / "keys.txt").read_text().splitlines():
        key, _, shape = line.partition(" ")
        if not key.endswith("num_batches_tracked"):
            found[key] = rebuilt(key, ast.literal_eval(shape))
    return found


def test_features_and_logits_are_the_reference_ones(weights: dict[str, Tensor]) -> None:
    images = np.random.RandomState(7).rand(3, 3, 299, 299).astype(np.float32) * 2 - 1
    features, logits = InceptionNetwork(weights)(torch.from_numpy(images))
    golden = np.load(DATA / "golden.npz")
    for ours, wanted in ((features, golden["features"]), (logits, golden["logits"])):
        assert np.abs(ours.numpy() - wanted).max() <= 1e-4 * np.abs(wanted).max()


def test_another_size_is_refused(weights: dict[str, Tensor]) -> None:
    with pytest.raises(ValueError, match="299"):
        InceptionNetwork(weights)(torch.zeros(1, 3, 256, 256))
