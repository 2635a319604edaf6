"""The sample grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan.training.family import Setting
from gan.training.latents import latents
from gan.training.samples import draw_grid, grid_layout, write_grid
from tests.gan.training.tiny_family import Config, Tiny

CPU = torch.device("cpu")


def tiny(classes: int, resolution: int = 16) -> Tiny:
    """A tiny generator."""
    torch.manual_seed(0)
    return Tiny(Config(), Setting(resolution, 1, classes, 1, CPU, torch.float32))


@pytest.mark.parametrize(
    ("resolution", "classes", "rows", "columns"),
    [(32, 3, 6, 12), (64, 3, 6, 12), (256, 3, 4, 6), (256, 9, 4, 9), (1024, 3, 2, 3), (512, 0, 2, 3)],
)
def test_a_grid_fits_a_screen_but_shows_every_class(
    resolution: int, classes: int, rows: int, columns: int
) -> None:
    layout = grid_layout(resolution, tuple(str(n) for n in range(classes)))

    assert (layout.rows, layout.columns) == (rows, columns)


def test_each_class_has_its_block_of_columns_with_the_same_latents() -> None:
    family, layout = tiny(classes=2), grid_layout(16, ("good", "poor"))

    grid = draw_grid(family, layout, CPU)

    assert (layout.rows, layout.block) == (6, 4)
    assert grid.shape == (1, 6 * 16, 8 * 16)
    seed = 2 * 4 + 1  # third row, second column of a block
    for index in range(2):
        image = family.sample(latents([seed], family.z_dim), torch.tensor([index]))[0, 0].numpy()
        place = grid[0, 2 * 16 : 3 * 16, (4 * index + 1) * 16 : (4 * index + 2) * 16]
        assert np.array_equal(place, np.clip(np.floor(image * 127.5 + 128), 0, 255))


def test_a_grid_without_classes_is_one_block() -> None:
    assert draw_grid(tiny(classes=0), grid_layout(16, ()), CPU).shape == (1, 6 * 16, 4 * 16)


def test_a_latent_is_what_the_official_tools_draw_for_the_seed() -> None:
    drawn = latents([7, 3], 5)

    for row, seed in zip(drawn.numpy(), (7, 3), strict=True):
        assert np.array_equal(row, np.random.RandomState(seed).randn(1, 5)[0].astype(np.float32))


def test_a_grid_says_that_it_is_synthetic_and_sorts_by_age(tmp_path: Path) -> None:
    layout = grid_layout(16, ("good", "poor"))
    grid = draw_grid(tiny(classes=2), layout, CPU)

    paths = [write_grid(tmp_path, kimg, grid, "tiny", "run7", layout) for kimg in (2.5, 10.0)]

    assert [path.name for path in paths] == ["kimg-000002.500.png", "kimg-000010.000.png"]
    with Image.open(paths[0]) as picture:
        assert picture.size == (8 * 16, 6 * 16)
        text = picture.info
    assert text["blasto:synthetic"] == "true"
    assert text["blasto:model"] == "run7 at kimg 2.500"
    assert (text["blasto:class"], text["blasto:seed"]) == ("good, poor", "0-23")
