"""Decoding: the right pixels where the file is whole, the right sentence where it is not."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from blasto_annotator.domain.errors import UserError
from blasto_annotator.imaging.decode import decode_bytes, decode_grey, probe, to_8_bit, verify
from blasto_annotator.imaging.errors import ImageError

AWKWARD = "Эмбрион № 7 'quoted' \"twice\" é.jpg"


def picture(height: int = 64, width: int = 80) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.clip(60 + 2 * y + x, 0, 255).astype(np.uint8)


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def noise_jpeg(path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8)
    return save(path, pixels, quality=90)


def png_header_only(path: Path, width: int, height: int) -> Path:
    """A PNG that claims a size and holds no pixels."""
    body = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + body + struct.pack(">I", zlib.crc32(b"IHDR" + body))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND\xaeB`\x82")
    return path


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".gif"])
def test_lossless_formats_give_the_stored_grey_values(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"frame{suffix}", picture())
    assert np.array_equal(decode_grey(path), picture())


def test_a_jpeg_decodes_as_pillow_decodes_it(tmp_path: Path) -> None:
    path = save(tmp_path / "frame.jpg", picture(), quality=95)
    with Image.open(path) as image:
        expected = np.asarray(image, np.int64)
    assert np.abs(decode_grey(path).astype(np.int64) - expected).max() <= 1


def test_names_with_cyrillic_quotes_and_spaces_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "Клиника № 1"
    folder.mkdir()
    path = save(folder / AWKWARD, picture())
    assert decode_grey(path).shape == (64, 80)
    assert (probe(path).width, probe(path).height, probe(path).format) == (80, 64, "JPEG")


def test_colour_becomes_luma(tmp_path: Path) -> None:
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 0] = 255
    assert decode_grey(save(tmp_path / "red.png", red))[0, 0] == 76  # 0.299 * 255, ITU-R BT.601


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_a_12_bit_camera_in_a_16_bit_file_keeps_its_contrast(tmp_path: Path, suffix: str) -> None:
    values = np.tile(np.linspace(0, 4095, 64).astype(np.uint16), (64, 1))
    grey = decode_grey(save(tmp_path / f"deep{suffix}", values))
    assert np.array_equal(grey, (values >> 4).astype(np.uint8))


def test_a_full_16_bit_tiff_is_scaled_by_its_full_range(tmp_path: Path) -> None:
    values = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (64, 1))
    grey = decode_grey(save(tmp_path / "deep.tiff", values))
    assert np.array_equal(grey, (values >> 8).astype(np.uint8))


def test_floating_point_is_stretched_from_its_lowest_to_its_highest_value() -> None:
    assert to_8_bit(np.array([[-1.0, 0.0, np.nan, 1.0]])).tolist() == [[0, 128, 128, 255]]


def test_signed_values_below_zero_are_black() -> None:
    assert to_8_bit(np.array([[-5, 0, 255, 1023]], np.int16)).tolist() == [[0, 0, 63, 255]]  # 10 bits used


def test_max_side_shrinks_and_keeps_the_shape(tmp_path: Path) -> None:
    path = save(tmp_path / "frame.jpg", picture(400, 500))
    assert decode_grey(path, max_side=100).shape == (80, 100)
    assert decode_grey(path, max_side=5000).shape == (400, 500)


def test_an_image_under_another_image_suffix_is_read_by_its_content(tmp_path: Path) -> None:
    save(tmp_path / "frame.png", picture())
    renamed = (tmp_path / "frame.png").rename(tmp_path / "frame.jpg")
    assert np.array_equal(decode_grey(renamed), picture())


@pytest.mark.parametrize("share", [0.999, 0.5, 0.02])
def test_a_truncated_jpeg_is_refused(tmp_path: Path, share: float) -> None:
    path = noise_jpeg(tmp_path / "cut.jpg")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(ImageError, match=r"“cut\.jpg” is truncated.*copy or export it again"):
        decode_grey(path)


def test_a_jpeg_with_its_rest_zeroed_is_refused(tmp_path: Path) -> None:
    path = noise_jpeg(tmp_path / "zeroed.jpg")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) // 2))
    with pytest.raises(ImageError, match=r"zeroed\.jpg"):
        decode_grey(path)


def test_a_whole_jpeg_with_something_appended_is_read(tmp_path: Path) -> None:
    path = noise_jpeg(tmp_path / "padded.jpg")
    path.write_bytes(path.read_bytes() + bytes(200_000))
    assert decode_grey(path).shape == (200, 200)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_other_truncated_formats_are_refused(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"cut{suffix}", picture(300, 300))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError, match="cut"):
        decode_grey(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"Patient list\n1;2;3\nmore and more text", "text"),
        (b"%PDF-1.7 ........................", "a PDF document"),
        (b"PK\x03\x04..............................", "a ZIP or Office file"),
        (b"\0\0\0\x20ftypisom....................", "a video"),
    ],
)
def test_a_file_renamed_to_jpg_is_named_for_what_it_is(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "renamed.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=rf"“renamed\.jpg” is named \.jpg but holds {what}, not an image"):
        decode_grey(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nothing.jpg").touch()
    with pytest.raises(ImageError, match="is empty"):
        decode_grey(tmp_path / "nothing.jpg")


def test_a_single_pixel_is_refused_as_too_small(tmp_path: Path) -> None:
    path = save(tmp_path / "dot.png", np.zeros((1, 1), np.uint8))
    with pytest.raises(ImageError, match=r"“dot\.png” is 1 × 1 pixels: too small, under 32 px"):
        decode_grey(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif"])
def test_20_000_pixels_square_are_refused_from_the_header(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"huge{suffix}"
    if suffix == ".png":
        png_header_only(path, 20_000, 20_000)
    else:
        _claim_huge(path)
    with pytest.raises(ImageError, match=r"too large.*at most 100 megapixels"):
        decode_grey(path)


def _claim_huge(path: Path) -> None:
    """Rewrites the size in the header of a small file."""
    save(path, picture())
    data = bytearray(path.read_bytes())
    if path.suffix == ".jpg":
        start = data.index(b"\xff\xc0") + 5
        data[start : start + 4] = struct.pack(">HH", 20_000, 20_000)
    elif path.suffix == ".bmp":
        data[18:26] = struct.pack("<ii", 20_000, 20_000)
    else:
        with Image.open(path) as image:
            tags = dict(image.tag_v2)  # type: ignore[attr-defined]
        assert tags[256] == 80
        directory = struct.unpack("<I", data[4:8])[0]
        for entry in range(struct.unpack("<H", data[directory : directory + 2])[0]):
            place = directory + 2 + 12 * entry
            if struct.unpack("<H", data[place : place + 2])[0] in (256, 257):
                data[place + 2 : place + 12] = struct.pack("<HIHH", 3, 1, 20_000, 0)
    path.write_bytes(bytes(data))


def test_a_missing_file_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"“gone\.jpg” is not in .* any more; put it back"):
        decode_grey(tmp_path / "gone.jpg")


def test_a_closed_file_asks_for_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "closed.png", picture())

    def refuse(*_: object, **__: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UserError, match=r"“closed\.png” may not be read \(no permission\)"):
        decode_grey(path)


def test_a_photograph_lying_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn by 90 degrees clockwise to show
    path = tmp_path / "turned.jpg"
    Image.fromarray(picture(64, 80)).save(path, exif=exif.tobytes())
    assert decode_grey(path).shape == (80, 64)


@pytest.mark.parametrize("extra", [100, 60_000, 400_000])
def test_the_size_is_found_behind_any_amount_of_metadata(tmp_path: Path, extra: int) -> None:
    path = save(tmp_path / "frame.jpg", picture())
    data = path.read_bytes()
    comment = b"".join(
        b"\xff\xfe" + struct.pack(">H", len(part) + 2) + part
        for part in (b"c" * min(50_000, extra - start) for start in range(0, extra, 50_000))
    )
    path.write_bytes(data[:2] + comment + data[2:])
    assert (probe(path).width, probe(path).height) == (80, 64)
    assert decode_grey(path).shape == (64, 80)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on damaged metadata
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp", ".gif", ".webp"])
def test_damaged_bytes_give_a_picture_or_a_sentence_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    whole = save(tmp_path / f"whole{suffix}", picture()).read_bytes()
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(0, min(len(data), 300), 8):
            data[place] = rng.integers(256)
        try:
            decode_bytes(bytes(data), tmp_path / "damaged.jpg")
        except ImageError:
            refused += 1
    assert refused > 0


def test_verify_finds_damage_that_the_end_marker_hides(tmp_path: Path) -> None:
    path = save(tmp_path / "holed.png", np.random.default_rng(1).integers(0, 256, (200, 200), np.uint8))
    data = bytearray(path.read_bytes())
    data[2000:2600] = bytes(600)
    path.write_bytes(bytes(data))
    with pytest.raises(ImageError, match=r"holed\.png"):
        verify(path)


def test_decoding_agrees_with_opencv_on_a_progressive_jpeg(tmp_path: Path) -> None:
    path = save(tmp_path / "progressive.jpg", picture(), progressive=True)
    expected = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(decode_grey(path), expected)
