"""Features of real images are computed once, and anew whenever anything that decides them is another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.data.decode import Pixels
from gan.metrics.extractors.base import Extracted, Identity
from gan.metrics.extractors.encoder import EncoderExtractor, EncoderTraining
from gan.metrics.keeping import CachedExtractor, content_hash, kept_encoder
from tests.conftest import fill_disk


class Counting:
    """Means and deviations, with a count of the times that it was asked."""

    def __init__(self, digest: str = "a" * 64, logits: bool = False) -> None:
        self.identity = Identity("counting", digest, "none", 2)
        self.asked = 0
        self._logits = logits

    def extract(self, images: Pixels) -> Extracted:
        self.asked += 1
        features = np.stack([images.mean((1, 2, 3)), images.std((1, 2, 3))], 1)
        return Extracted(features, features[:, :1].astype(np.float32) if self._logits else None)


@pytest.fixture
def images() -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (10, 1, 16, 16), dtype=np.uint8)


def silent(sentence: str) -> None:
    pytest.fail(sentence)


def test_the_same_images_are_looked_at_once(tmp_path: Path, images: Pixels) -> None:
    counting = Counting(logits=True)

    first = CachedExtractor(counting, silent, tmp_path).extract(images)
    again = CachedExtractor(counting, silent, tmp_path).extract(images.copy())

    assert counting.asked == 1
    assert (again.features == first.features).all()
    assert again.features.dtype == first.features.dtype
    assert first.logits is not None
    assert again.logits is not None
    assert (again.logits == first.logits).all()


def test_a_changed_image_another_extractor_another_resize_and_another_order_are_looked_at(
    tmp_path: Path, images: Pixels
) -> None:
    counting, other, resizing = Counting(), Counting("b" * 64), Counting()
    resizing.identity = replace(resizing.identity, resize="bilinear to 8")
    CachedExtractor(counting, silent, tmp_path).extract(images)
    changed = images.copy()
    changed[7, 0, 3, 3] ^= 1

    for one in (changed, images[::-1], images[:9], images.reshape(10, 1, 8, 32)):
        CachedExtractor(counting, silent, tmp_path).extract(one)
    CachedExtractor(other, silent, tmp_path).extract(images)
    CachedExtractor(resizing, silent, tmp_path).extract(images)

    assert (counting.asked, other.asked, resizing.asked) == (5, 1, 1)


@pytest.mark.parametrize("harm", ["cut", "emptied", "bit", "other"])
def test_a_damaged_file_is_said_and_computed_again(tmp_path: Path, images: Pixels, harm: str) -> None:
    counting = Counting()
    whole = CachedExtractor(counting, silent, tmp_path).extract(images)
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    harmed = {"cut": content[:-9], "emptied": b"", "bit": content, "other": b"hello"}[harm]
    file.write_bytes(bytes(harmed))
    said: list[str] = []

    again = CachedExtractor(counting, said.append, tmp_path).extract(images)

    assert said == [f"{file} is damaged: what it held is computed again."]
    assert (again.features == whole.features).all()
    assert (CachedExtractor(counting, silent, tmp_path).extract(images).features == whole.features).all()
    assert counting.asked == 2


def test_a_full_disk_costs_the_cache_only(small_disk: Path, images: Pixels) -> None:
    fill_disk(small_disk)

    found = CachedExtractor(Counting(), silent, small_disk / "features").extract(images)

    assert found.features.shape == (10, 2)
    assert not list(small_disk.glob("features/*"))


def test_the_oldest_files_make_room(tmp_path: Path, images: Pixels) -> None:
    for number in range(70):
        old = tmp_path / f"features-{number}.safetensors"
        old.write_bytes(b"old")
        os.utime(old, (number, number))

    CachedExtractor(Counting(), silent, tmp_path).extract(images)

    left = {file.name for file in tmp_path.iterdir()}
    assert len(left) == 64
    assert "features-69.safetensors" in left
    assert "features-6.safetensors" not in left


def test_an_encoder_is_trained_once_for_the_same_images_and_training(tmp_path: Path, images: Pixels) -> None:
    cpu, training = torch.device("cpu"), EncoderTraining(steps=2, batch=8)

    def trained(pixels: Pixels, how: EncoderTraining) -> str:
        return EncoderExtractor(kept_encoder(pixels, how, cpu, silent, tmp_path)).identity.hash

    first = trained(images, training)
    (file,) = tmp_path.iterdir()
    written = file.read_bytes()
    assert trained(images, training) == first
    assert file.read_bytes() == written
    assert [trained(images[1:], training), trained(images, replace(training, steps=3))].count(first) == 0
    assert len(list(tmp_path.iterdir())) == 3


def test_the_hash_is_of_contents_not_of_layout_in_memory(images: Pixels) -> None:
    turned = np.asfortranarray(images)

    assert content_hash(turned) == content_hash(images)
    assert content_hash(images[:, :, ::-1]) != content_hash(images)
