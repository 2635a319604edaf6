"""Weights by embryo: near-identical frames of one embryo no longer outweigh the others."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.contract.errors import UserError
from gan.data.images import Form, ImageSet, load_images
from gan.data.manifest import Origins, read_origins
from gan.data.stream import BatchStream
from gan.data.weighting import by_embryo, effective_number
from tests.gan.datasets import CLASSES, write_data

EMBRYOS = ["E1"] * 6 + ["E2"] * 2 + ["E3"] * 1 + ["E4"] * 1
"""Of ten images; two generated ones follow."""


def snapshot(folder: Path, embryos: list[str], generated: int = 0, split: str = "train") -> Path:
    """A split with its manifest; returns the split."""
    count = len(embryos) + generated
    data = write_data(folder / split, count)
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "origin", "embryo"])
        for number in range(count):
            real = number < len(embryos)
            named = embryos[number] if real else ""
            writer.writerow([f"{split}/00000/img{number:08d}.png", "real" if real else "generated", named])
    return data


def loaded(data: Path) -> tuple[ImageSet, Origins | None]:
    images = load_images(data, Form(32, 1, CLASSES))
    return images, read_origins(data, images.names)


def test_every_embryo_is_shown_equally_often_and_generated_images_as_before(tmp_path: Path) -> None:
    images, origins = loaded(snapshot(tmp_path, EMBRYOS, generated=2))
    weighted = by_embryo(images, origins, tmp_path)
    stream = BatchStream(weighted, 1, False, torch.device("cpu"))
    keys = [image.tobytes() for image in images.pixels]

    shown = np.zeros(12)
    for position in range(0, 1200, 12):
        batch = stream.at(position, 12)
        pixels = ((batch.images + 1) * 127.5).round().to(torch.uint8).numpy()
        for image in pixels:
            shown[keys.index(image.tobytes())] += 1

    assert [shown[np.array([*EMBRYOS, "", ""]) == name].sum() for name in ("E1", "E2", "E3", "E4")] == (
        pytest.approx([250] * 4, abs=3)
    )
    assert list(shown[10:]) == pytest.approx([100, 100], abs=2)
    assert shown[:6] == pytest.approx([250 / 6] * 6, abs=8)


def test_the_effective_number_is_that_of_embryos_where_frames_are_alike(tmp_path: Path) -> None:
    images, origins = loaded(snapshot(tmp_path, EMBRYOS))

    assert effective_number(images) == 10
    # weights 1/6 (six times), 1/2 (twice), 1 and 1 in units of an embryo
    assert effective_number(by_embryo(images, origins, tmp_path)) == pytest.approx(16 / (1 / 6 + 1 / 2 + 2))


def test_weights_of_the_data_set_decide_within_an_embryo() -> None:
    pixels = np.zeros((3, 1, 16, 16), np.uint8)
    images = ImageSet(pixels, np.zeros(3, np.int64), np.array([1.0, 3.0, 2.0]), ("a", "b", "c"))

    weights = by_embryo(images, Origins(("X", "X", "Y"), np.ones(3, bool)), Path()).weights

    assert weights == pytest.approx([0.75, 2.25, 3.0])


def test_data_without_embryos_is_a_sentence(tmp_path: Path) -> None:
    plain = write_data(tmp_path / "plain" / "train")
    images, origins = loaded(plain)
    assert origins is None
    with pytest.raises(UserError, match=r"no manifest.csv beside .*train tells .* set weight_by to frame"):
        by_embryo(images, origins, plain)

    unnamed = snapshot(tmp_path / "unnamed", ["E1", "", "E2"])
    with pytest.raises(UserError, match=r"names no embryo for 00000/img00000001.png"):
        by_embryo(*loaded(unnamed), unnamed)


def test_a_manifest_that_is_of_other_images_or_no_manifest_is_a_sentence(tmp_path: Path) -> None:
    data = snapshot(tmp_path, EMBRYOS)
    manifest = tmp_path / "manifest.csv"
    whole = manifest.read_text()
    manifest.write_text(whole.replace("img00000003", "img00000033"))
    with pytest.raises(UserError, match=r"manifest.csv does not know train/00000/img00000003.png"):
        loaded(data)
    for broken in ("name,kind\na,b\n", "\x00\xff"):
        manifest.write_text(broken)
        (tmp_path / "snapshot.json").unlink(missing_ok=True)
        assert loaded(data)[1] is None  # somebody's own file
        (tmp_path / "snapshot.json").write_text("{}")
        with pytest.raises(UserError, match=r"manifest.csv .* build the snapshot again"):
            loaded(data)
