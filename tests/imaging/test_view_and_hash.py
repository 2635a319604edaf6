"""Adjustments, perceptual hashes, resizing and thumbnails."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.domain.errors import UserError
from blasto_annotator.imaging.adjust import Adjustments, apply
from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.imaging.phash import distance, perceptual_hash
from blasto_annotator.imaging.resize import square
from blasto_annotator.imaging.thumbs import thumbnail


def blob(shift: int = 0, radius: int = 90) -> np.ndarray:
    y, x = np.mgrid[:300, :300]
    inside = (y - 150) ** 2 + (x - 150 - shift) ** 2 < radius**2
    texture = np.random.default_rng(5).normal(0, 4, (300, 300))
    return np.clip(90 + 80 * inside + texture + 0.1 * x, 0, 255).astype(np.uint8)


def test_the_default_adjustments_change_nothing() -> None:
    image = blob()
    assert np.array_equal(apply(image, Adjustments()), image)


@pytest.mark.parametrize(
    ("adjustments", "value"),
    [
        (Adjustments(brightness=0.2), 151),  # 100 + 0.2 * 255
        (Adjustments(contrast=2.0), 72),  # (100 - 127.5) * 2 + 127.5, to the even of 72.5
        (Adjustments(gamma=2.0), 160),  # 255 * sqrt(100 / 255)
        (Adjustments(invert=True), 155),
    ],
)
def test_adjustments_follow_their_formulas(adjustments: Adjustments, value: int) -> None:
    grey = np.full((40, 40), 100, np.uint8)
    assert abs(int(apply(grey, adjustments)[0, 0]) - value) <= 1


def test_clahe_raises_local_contrast() -> None:
    faint = np.tile(np.array([[100, 104], [104, 100]], np.uint8), (64, 64))
    assert apply(faint, Adjustments(clahe=True)).std() > 1.2 * faint.std()


def test_adjustments_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="brightness"):
        Adjustments(brightness=2)


def test_a_perceptual_hash_has_64_bits_with_half_of_them_set() -> None:
    value = perceptual_hash(blob())
    assert 0 <= value < 2**64
    assert value.bit_count() == 32  # the median splits 64 coefficients in halves


def test_small_changes_move_the_hash_little_and_other_pictures_far() -> None:
    first = blob()
    brighter = np.clip(first.astype(np.int64) + 20, 0, 255).astype(np.uint8)
    noise = np.random.default_rng(9).integers(0, 256, (300, 300), np.uint8)
    assert distance(perceptual_hash(first), perceptual_hash(brighter)) <= 4
    assert distance(perceptual_hash(first), perceptual_hash(noise)) > 16


def test_distance_counts_the_bits_that_differ() -> None:
    assert distance(0b1011, 0b0110) == 3


def test_a_wide_picture_is_centre_cropped_to_a_square() -> None:
    wide = np.zeros((64, 128), np.uint8)
    wide[:, 32:96] = 200
    assert np.array_equal(square(wide, 64), np.full((64, 64), 200, np.uint8))


def test_reduction_is_antialiased() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (256, 128))
    reduced = square(stripes, 32)
    assert reduced.std() < 4  # one pixel stripes become an even grey
    assert abs(float(reduced.mean()) - 127.5) < 2


def test_a_thumbnail_is_cached_and_made_again_when_the_file_changes(tmp_path: Path) -> None:
    image, cache = tmp_path / "Кадр 1.png", tmp_path / "cache"
    Image.fromarray(blob()).save(image)
    first = thumbnail(cache, image, side=64)
    assert first.shape == (64, 64)
    stored = list(cache.rglob("*.png"))
    assert len(stored) == 1
    assert np.array_equal(thumbnail(cache, image, side=64), first)
    Image.fromarray(255 - blob()).resize((310, 310)).save(image)
    assert not np.array_equal(thumbnail(cache, image, side=64), first)


def test_a_damaged_thumbnail_is_made_again(tmp_path: Path) -> None:
    image, cache = tmp_path / "frame.png", tmp_path / "cache"
    Image.fromarray(blob()).save(image)
    first = thumbnail(cache, image)
    for stored in cache.rglob("*.png"):
        stored.write_bytes(b"damaged")
    assert np.array_equal(thumbnail(cache, image), first)


def test_the_content_hash_is_sha256(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert sha256_file(path) == hashlib.sha256(b"abc").hexdigest()
    with pytest.raises(UserError, match="is not in"):
        sha256_file(tmp_path / "gone")
