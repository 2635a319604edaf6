"""Images decoded once, in memory or mapped, and every image that cannot be."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.contract.errors import UserError
from gan.data.decode import decode, image_size
from gan.data.images import Form, ImageSet, load_images
from tests.conftest import fill_disk
from tests.gan.datasets import CLASSES, write_data, zipped

FORM = Form(32, 1, CLASSES)


def mapped(path: Path, cache: Path, form: Form = FORM) -> ImageSet:
    """Loaded with no memory allowed."""
    return load_images(path, form, cache, memory_limit=0)


def test_pixels_are_those_of_the_files_in_the_order_of_their_names(data: Path) -> None:
    images = load_images(data, FORM)

    files = sorted(data.rglob("*.png"))
    expected = np.stack([np.asarray(Image.open(file)) for file in files])[:, None]
    assert (images.pixels == expected).all()
    assert images.pixels.dtype == np.uint8
    assert images.labels.tolist() == [0, 1, 2] * 4
    assert len(images) == 12


def test_a_zip_file_gives_the_same_images(data: Path, tmp_path: Path) -> None:
    packed = load_images(zipped(data, tmp_path / "set.zip"), FORM)

    assert (packed.pixels == load_images(data, FORM).pixels).all()


def test_mapped_images_are_those_in_memory_and_are_decoded_once(data: Path, tmp_path: Path) -> None:
    first = mapped(data, tmp_path)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_ino

    second = mapped(data, tmp_path)

    assert isinstance(first.pixels, np.memmap)
    assert (first.pixels == load_images(data, FORM).pixels).all()
    assert (second.pixels == first.pixels).all()
    assert [path.stat().st_ino for path in tmp_path.iterdir()] == [written]


def test_a_changed_image_is_decoded_anew(tmp_path: Path) -> None:
    folder, cache = write_data(tmp_path / "set", 3), tmp_path / "cache"
    before = mapped(folder, cache).pixels.copy()
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(folder / "00000" / "img00000000.png")

    after = mapped(folder, cache).pixels

    assert (after[0] == 0).all()
    assert (after[1:] == before[1:]).all()


def test_a_cut_cache_file_is_written_anew_and_old_ones_go(tmp_path: Path) -> None:
    folder, cache = write_data(tmp_path / "set", 3), tmp_path / "cache"
    expected = mapped(folder, cache).pixels.copy()
    (file,) = cache.iterdir()
    file.write_bytes(b"half")
    for number in range(3):
        (cache / f"{number}.bin").write_bytes(b"old")
        os.utime(cache / f"{number}.bin", (number, number))

    assert (mapped(folder, cache).pixels == expected).all()
    assert sorted(path.name for path in cache.iterdir()) == sorted(["2.bin", file.name])


def test_a_full_disk_under_the_cache_is_a_sentence(data: Path, small_disk: Path) -> None:
    fill_disk(small_disk)

    with pytest.raises(UserError, match=r"The decoded images cannot be kept in .*free some space"):
        mapped(data, small_disk / "cache")


def test_colour_becomes_grey_and_grey_colour_as_asked(tmp_path: Path) -> None:
    colour = write_data(tmp_path / "colour", 3, mode="RGB")
    grey = write_data(tmp_path / "grey", 3)

    assert load_images(colour, Form(32, 1)).pixels.shape == (3, 1, 32, 32)
    assert load_images(colour, Form(32, 3)).pixels.shape == (3, 3, 32, 32)
    as_colour = load_images(grey, Form(32, 3)).pixels
    assert (as_colour[:, :1] == as_colour).all()


def png(mode: str, size: tuple[int, int] = (32, 32)) -> bytes:
    """A black picture as PNG."""
    from io import BytesIO

    buffer = BytesIO()
    Image.new(mode, size).save(buffer, "PNG")
    return buffer.getvalue()


def deep_colour() -> bytes:
    """A PNG with 16 bits in each of three channels, by hand: Pillow cannot write one."""
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0)
    rows = zlib.compress(bytes((1 + 32 * 6) * 32))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read as an image"),
        (b"plain text", "cannot be read as an image"),
        (png("L")[:50], "cannot be read as an image"),
        (png("L").replace(b"IDAT", b"IDAX"), "cannot be read as an image"),
        (png("L", (32, 16)), "is 32x16, but this run trains at 32x32"),
        (png("L", (1, 1)), "is 1x1, but this run trains at 32x32"),
        (png("I;16"), r"is not an 8-bit image \(mode I;16\): save it with 8 bits a channel"),
        (deep_colour(), r"is not an 8-bit image \(mode RGB\)"),
    ],
    ids=["empty", "text", "cut", "without pixels", "oblong", "one pixel", "16-bit grey", "16-bit colour"],
)
def test_an_image_that_cannot_be_trained_on_is_named_with_its_fault(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    folder = write_data(tmp_path / "set", 3)
    bad = folder / "00000" / "img00000001.png"
    bad.write_bytes(content)

    with pytest.raises(UserError, match=sentence) as refused:
        load_images(folder, FORM)
    assert str(refused.value).startswith(str(bad))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_8_bit_form_of_png_is_read(mode: str) -> None:
    assert decode(png(mode), "x.png", 32, 1).shape == (1, 32, 32)
    assert image_size(png(mode), "x.png")[:2] == (32, 32)


def test_a_damaged_file_in_a_zip_is_named(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "set.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(data.rglob("*.png")):
            target.write(path, path.name)
        start = target.infolist()[5].header_offset
    content = bytearray(file.read_bytes())
    content[start + 60 : start + 90] = bytes(30)
    file.write_bytes(content)

    with pytest.raises(UserError, match=r"set\.zip/img00000005\.png cannot be read"):
        load_images(file, Form(32, 1))


def test_a_header_of_an_unreadable_image_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"x\.png cannot be read as an image"):
        image_size(b"text", "x.png")
