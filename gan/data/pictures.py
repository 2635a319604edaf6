"""Generated images to PNG files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gan.contract.whole_file import whole_file
from gan.data.decode import Pixels


def to_pixels(images: npt.NDArray[np.float32]) -> Pixels:
    """Values in about [-1, 1] to the nearest of 0 to 255, of any shape; the inverse of x / 127.5 - 1."""
    pixels: Pixels = np.clip(np.floor(images * 127.5 + 128), 0, 255).astype(np.uint8)
    return pixels


def tile(pixels: Pixels, columns: int) -> Pixels:
    """Images [N, C, H, W] side by side without gaps, row by row: [C, N / columns * H, columns * W]."""
    count, channels, height, width = pixels.shape
    rows = count // columns
    grid = pixels.reshape(rows, columns, channels, height, width).transpose(2, 0, 3, 1, 4)
    return grid.reshape(channels, rows * height, columns * width)


def png_bytes(pixels: Pixels, text: Mapping[str, str]) -> bytes:
    """A picture [C, H, W] as a PNG file with text chunks."""
    single = pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))
    image, chunks = Image.fromarray(single), PngInfo()
    for key, value in text.items():
        chunks.add_text(key, value)
    buffer = BytesIO()
    image.save(buffer, "PNG", pnginfo=chunks)
    return buffer.getvalue()


def write_png(path: Path, pixels: Pixels, text: Mapping[str, str]) -> str:
    """Writes a picture atomically; returns the file's SHA-256.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    content = png_bytes(pixels, text)
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
    return hashlib.sha256(content).hexdigest()
