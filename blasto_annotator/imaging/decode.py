"""Image files to 8-bit grey arrays: fast where it is common, strict where it matters."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from blasto_annotator.imaging.errors import broken, truncated, unreadable
from blasto_annotator.imaging.header import ImageHeader, has_end, read_header

# Where Pillow merely warns, an error follows that is said to the person.
for _said in ("(Possibly )?corrupt EXIF data", "Truncated File Read"):
    warnings.filterwarnings("ignore", _said, UserWarning)

Grey = NDArray[np.uint8]
"""[H, W], 0 black to 255 white."""

Pixels = NDArray[Any]
"""[H, W], of any number type."""

_DEPTHS = (8, 10, 12, 14, 16)
"""Bits a camera uses of a 16-bit file."""
_REDUCED = {
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


def probe(path: Path) -> ImageHeader:
    """The image's header; no pixels are decoded.

    Raises:
        ImageError (a UserError): missing, unreadable, not an image, too small or too large.
    """
    try:
        with path.open("rb") as file:
            return read_header(file, path)
    except OSError as error:
        raise unreadable(path, error) from error


def decode_grey(path: Path, max_side: int | None = None) -> Grey:
    """The image as [H, W] 8-bit grey; with `max_side`, shrunk so that neither side is longer.

    Colour becomes luma. 16-bit files are scaled by the bits in use (8, 10, 12, 14 or 16: microscope cameras
    seldom fill 16), floating point files from their smallest to their largest value.

    Raises:
        ImageError (a UserError): missing, unreadable, truncated, damaged, not an image, too small, too large.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return decode_bytes(data, path, max_side)


def decode_bytes(data: bytes, path: Path, max_side: int | None = None) -> Grey:
    """The same for a file that has been read; `path` names it in sentences."""
    file = io.BytesIO(data)
    header = read_header(file, path)
    whole = has_end(file, len(data), header, path)
    pixels = _decode_opencv(data, header, max_side) if whole else None
    if pixels is None:
        pixels = _decode_strictly(data, path)
    return _shrink(to_8_bit(pixels), max_side)


def verify(path: Path) -> None:
    """Decodes the whole image strictly.

    Raises:
        ImageError (a UserError): as `decode_grey`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    read_header(io.BytesIO(data), path)
    _decode_strictly(data, path)


def to_8_bit(pixels: Pixels) -> Grey:
    """Any grey array as 8 bits, scaled by the bits in use."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    if np.issubdtype(pixels.dtype, np.floating):
        return _stretch(pixels.astype(np.float32))
    used = max(int(pixels.max()).bit_length(), 8)
    bits = next((depth for depth in _DEPTHS if used <= depth), used)
    positive = pixels if np.issubdtype(pixels.dtype, np.unsignedinteger) else np.clip(pixels, 0, None)
    return np.asarray(np.right_shift(positive, bits - 8), dtype=np.uint8)


def _stretch(pixels: NDArray[np.float32]) -> Grey:
    finite = np.nan_to_num(pixels, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    scale = 255.0 / (high - low) if high > low else 0.0
    return np.asarray(np.rint((finite - low) * scale), dtype=np.uint8)


def _decode_opencv(data: bytes, header: ImageHeader, max_side: int | None) -> Pixels | None:
    flag = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH
    if header.format == "JPEG" and max_side is not None:
        flag = _REDUCED.get(_reduction(max(header.width, header.height), max_side), flag)
    pixels: Pixels | None = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    return pixels


def _reduction(side: int, max_side: int) -> int:
    """The largest of 8, 4, 2, 1 that a JPEG can be reduced by while decoding and still fill `max_side`."""
    return next((factor for factor in (8, 4, 2) if side // factor >= max_side), 1)


def _decode_strictly(data: bytes, path: Path) -> Pixels:
    """Pillow raises where a file ends early; OpenCV fills the rest with grey."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
            deep = upright.mode.startswith("I") or upright.mode == "F"
            return np.asarray(upright if deep else upright.convert("L"))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise (truncated(path) if _says_truncated(error) else broken(path, error)) from error


def _says_truncated(error: Exception) -> bool:
    return any(
        word in str(error).lower() for word in ("truncated", "premature", "unexpected end", "not enough")
    )


def _shrink(pixels: Grey, max_side: int | None) -> Grey:
    longest = max(pixels.shape)
    if max_side is None or longest <= max_side:
        return pixels
    height, width = (max(1, round(side * max_side / longest)) for side in pixels.shape)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
