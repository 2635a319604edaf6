"""Pictures to files: values, grids and provenance."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.data.pictures import png_bytes, tile, to_pixels, write_png
from tests.conftest import fill_disk


def test_every_8_bit_value_survives_the_way_to_floats_and_back() -> None:
    pixels = np.arange(256, dtype=np.uint8)

    assert (to_pixels((pixels / 127.5 - 1).astype(np.float32)) == pixels).all()


def test_values_beyond_the_range_are_clipped_and_halves_round_up() -> None:
    values = np.array([-9.0, -1.0, 0.0, 0.5 / 127.5, 1.0, 9.0], np.float32)

    assert to_pixels(values).tolist() == [0, 0, 128, 128, 255, 255]


def test_a_grid_runs_row_by_row() -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1).repeat(2, 2).repeat(3, 3)

    grid = tile(pixels, 3)

    assert grid.shape == (1, 4, 9)
    assert grid[0, ::2, ::3].tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_a_file_holds_the_pixels_and_its_text(tmp_path: Path, channels: int, mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (channels, 5, 4), dtype=np.uint8)

    digest = write_png(tmp_path / "a.png", pixels, {"blasto:class": "größe", "blasto:seed": "7"})

    assert hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest() == digest
    with Image.open(tmp_path / "a.png") as image:
        assert (image.mode, image.size) == (mode, (4, 5))
        assert image.text == {"blasto:class": "größe", "blasto:seed": "7"}  # type: ignore[attr-defined]
        values = np.asarray(image).reshape(5, 4, channels)
    assert (values.transpose(2, 0, 1) == pixels).all()
    assert (
        png_bytes(pixels, {"blasto:class": "größe", "blasto:seed": "7"}) == (tmp_path / "a.png").read_bytes()
    )


def test_a_full_disk_leaves_no_half_picture(small_disk: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1, 64, 64), dtype=np.uint8)
    fill_disk(small_disk)

    with pytest.raises(OSError, match="No space left"):
        write_png(small_disk / "a.png", noise, {})

    assert [path.name for path in small_disk.iterdir()] == ["filler"]
