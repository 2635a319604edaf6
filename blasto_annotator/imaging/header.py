"""What the first and last bytes of an image file say: size in pixels, format, and whether it is whole.

JPEG and PNG headers are read here by hand (ISO/IEC 10918-1 annex B; PNG specification, section 11.2.2):
a few microseconds a file, where millions of frames are indexed. Every other format is left to Pillow.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from blasto_annotator.imaging.errors import ImageError, broken, truncated

MIN_SIDE = 32
"""Pixels; nothing of an embryo is visible on fewer."""
MAX_PIXELS = 100_000_000
"""Refused from the header alone, so that no file can fill the memory."""
TAIL = 1024
"""Bytes at the end of a file in which its end marker is looked for first."""
WIDE_TAIL = 65536
"""And then, where a program has appended something."""
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_END_MARKERS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}
_PNG_MODES = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
_JPEG_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
HEAD = 2048
_NAMELESS = Path()
_HEADS = (HEAD, 262_144, -1)
"""Bytes read to find a JPEG's size: nearly always the first, more where metadata or a preview precede it."""
_KEPT_HEADERS = 64
_NOT_FRAME_HEADERS = (0xC4, 0xC8, 0xCC)  # DHT, JPG, DAC lie among the SOF markers
_TIFF = (b"II*\0", b"MM\0*")
_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"SQLite format 3", "a database"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)


@dataclass(frozen=True)
class ImageHeader:
    """What an image's header says."""

    width: int
    height: int
    mode: str
    """Pillow's name: `L`, `RGB`, `I;16`, ..."""
    format: str
    """`JPEG`, `PNG`, `TIFF`, `BMP`, ..."""
    pages: int = 1
    """Pictures in the file: more than one in a TIFF stack."""
    data_start: int = 0
    """Byte where the picture's data begins; the end marker is looked for behind it."""


def read_header(file: BinaryIO, path: Path) -> ImageHeader:
    """The header of an open image file.

    Raises:
        ImageError: not an image, damaged, too small or too large.
    """
    start = file.read(24)
    if start.startswith(b"\xff\xd8\xff"):
        header = _jpeg_header(file, path)
    elif start.startswith(PNG_SIGNATURE) and len(start) == 24:
        width, height, depth, colour = struct.unpack(">IIBB", start[16:24] + _exactly(file, 2, path))
        mode = "I;16" if (depth, colour) == (16, 0) else _PNG_MODES.get(colour, "L")
        header = ImageHeader(width, height, mode, "PNG", data_start=33)
    else:
        header = _other_header(file, path, start)
    _check_size(header, path)
    return header


class Glance:
    """Knows whole JPEGs by their first and last bytes; for the files of one source, from any thread.

    Frames that one device wrote begin alike, and the same bytes up to the scan say the same: a header that is
    known is not walked again.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, ImageHeader] = {}
        """The bytes before the scan, and what they say."""
        self._length = 0
        """Of the header read last: most have the same."""

    def whole_jpeg(self, start: bytes, end: bytes, size: int) -> ImageHeader | None:
        """The header of a JPEG whose first `HEAD` and last `TAIL` bytes tell that it is whole; else None.

        None says only that one must look closer, with `read_header` and `has_end`.
        """
        if _END_MARKERS["JPEG"] not in end:
            return None
        header = self._known.get(start[: self._length]) or self._walk(start)
        return None if header is None or size - len(end) < header.data_start else header

    def _walk(self, start: bytes) -> ImageHeader | None:
        if not start.startswith(b"\xff\xd8\xff"):
            return None
        try:
            header = _walk_markers(start, _NAMELESS)
            if header is not None:
                _check_size(header, _NAMELESS)
        except ImageError:
            return None
        if header is not None and header.data_start <= len(start):
            self._keep(start[: header.data_start], header)
        return header

    def _keep(self, before_scan: bytes, header: ImageHeader) -> None:
        if len(self._known) >= _KEPT_HEADERS:
            self._known.clear()
        self._known[before_scan] = header
        self._length = len(before_scan)


def has_end(file: BinaryIO, size: int, header: ImageHeader, path: Path) -> bool:
    """Whether the file carries its end marker (looked for near its end first, then everywhere).

    Entropy-coded JPEG data never holds the marker's bytes (byte stuffing), so a truncated file lacks it.
    False for formats without such a marker, and for a picture that may be whole without it: decode to know.

    Raises:
        ImageError: no marker, and zeros at the end: the rest of the file was never written.
    """
    marker = _END_MARKERS.get(header.format)
    if marker is None:
        return False
    for window in (TAIL, WIDE_TAIL, size):
        file.seek(max(header.data_start, size - window))
        if marker in file.read():
            return True
    file.seek(max(header.data_start, size - TAIL))
    if not file.read().strip(b"\0"):
        raise truncated(path)
    return False


def not_an_image(path: Path, start: bytes) -> ImageError:
    """The sentence for a file that holds something else than its name says."""
    named = f"is named {path.suffix} but holds" if path.suffix else "holds"
    return ImageError(
        path, f"{named} {_describe(start)}, not an image", "leave it out or export it as an image"
    )


def _jpeg_header(file: BinaryIO, path: Path) -> ImageHeader:
    for amount in _HEADS:
        file.seek(0)
        header = _walk_markers(file.read(amount), path)
        if header is not None:
            return header
    raise truncated(path)


def _walk_markers(data: bytes, path: Path) -> ImageHeader | None:
    """Walks the segments up to the start of scan; None where `data` ends before it."""
    place, found = 2, None
    while place + 10 <= len(data):
        marker = data[place + 1]
        if data[place] != 0xFF:
            raise broken(path, "its header is no JPEG header")
        if marker == 0xFF:  # fill bytes are allowed before a marker
            place += 1
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAME_HEADERS:
            found = struct.unpack_from(">HHB", data, place + 5)
        if marker == 0xDA:
            if found is None:
                raise broken(path, "it has no frame header")
            height, width, components = found
            return ImageHeader(width, height, _JPEG_MODES.get(components, "RGB"), "JPEG", data_start=end)
        place = end
    return None


def _exactly(file: BinaryIO, count: int, path: Path) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise truncated(path)
    return data


def _other_header(file: BinaryIO, path: Path, start: bytes) -> ImageHeader:
    if not start.strip(b"\0"):
        raise ImageError(path, "is empty" if not start else "holds only zeros", "copy or export it again")
    file.seek(0)
    try:
        with Image.open(file) as image:
            size, mode = image.size, image.mode
            return ImageHeader(*size, mode, image.format or "", _pages(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(path, f"is far too large ({error})", _too_large_advice()) from error
    except UnidentifiedImageError as error:
        if start.startswith(_TIFF):
            raise truncated(path) from error
        raise not_an_image(path, start) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        lost = "Missing dimensions" in str(error)  # a TIFF's directory stands at its end
        raise (truncated(path) if lost else broken(path, error)) from error


def _pages(image: Image.Image) -> int:
    """Pages of a TIFF; 1 where their chain is damaged (decoding says what is wrong)."""
    try:
        return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    except (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, struct.error):
        return 1


def _check_size(header: ImageHeader, path: Path) -> None:
    pixels = header.width * header.height
    size = f"is {header.width:,} × {header.height:,} pixels"
    if pixels > MAX_PIXELS:
        raise ImageError(path, f"{size} ({pixels // 1_000_000:,} megapixels): too large", _too_large_advice())
    if min(header.width, header.height) < MIN_SIDE:
        advice = "export the frame at its full size"
        raise ImageError(path, f"{size}: too small, under {MIN_SIDE} px", advice)


def _too_large_advice() -> str:
    return f"export it with at most {MAX_PIXELS // 1_000_000} megapixels"


def _describe(start: bytes) -> str:
    for signature, name in _SIGNATURES:
        if start.lower().startswith(signature.lower()):
            return name
    if start[4:8] == b"ftyp":
        return "a video"
    readable = all(byte >= 32 or byte in b"\t\r\n" for byte in start)
    return "text" if readable else "something unknown"
