"""TIFF stacks: several pages in one file, which are times, focal planes or both.

Which page is what is said by ImageJ (tag 270, `ImageJ=1.53t\\nimages=35\\nslices=7\\nframes=5\\nspacing=15`,
pages in the order channel, slice, frame) or by OME-XML in the same tag (DimensionOrder, SizeZ, SizeC, SizeT).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin

from blasto_annotator.imaging.decode import Pixels, to_8_bit
from blasto_annotator.imaging.errors import ImageError, broken, truncated, unreadable
from blasto_annotator.imaging.header import MAX_PIXELS, MIN_SIDE

STACK_SUFFIXES = (".tif", ".tiff")
MAX_PAGES = 20_000
_DESCRIPTION, _SUBFILE = 270, 254
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, struct.error)
"""What Pillow raises for a TIFF that is not whole."""
_REDUCED = 1
"""NewSubfileType of a preview."""
_PIXELS = re.compile(r"<(?:\w+:)?Pixels\b([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
_MICROMETRES = {"": 1.0, "µm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "nm": 1e-3, "mm": 1e3}
_HOURS = {
    "h": 1.0,
    "hr": 1.0,
    "hour": 1.0,
    "min": 1 / 60,
    "s": 1 / 3600,
    "sec": 1 / 3600,
    "": 1 / 3600,
    "ms": 1 / 3.6e6,
}


@dataclass(frozen=True)
class StackHeader:
    """What a stack's pages are."""

    pages: int
    planes: int
    """Focal planes a moment; 1 where every page is a time."""
    times: int
    channels: int
    order: str
    """Letters Z, C, T: the first varies from page to page."""
    told_by: str
    """`ImageJ`, `OME`, or empty where the file does not say."""
    plane_step: float | None = None
    """Micrometres between planes."""
    hours_per_frame: float | None = None

    def place(self, page: int) -> tuple[int, int, int]:
        """(plane, time, channel) of a page, each from 0."""
        sizes = {"Z": self.planes, "C": self.channels, "T": self.times}
        found = {}
        for letter in self.order:
            page, found[letter] = divmod(page, sizes[letter])
        return found["Z"], found["T"], found["C"]


def probe_stack(path: Path) -> StackHeader:
    """What the pages are; previews do not count.

    Raises:
        ImageError (a UserError): missing, no TIFF, damaged, too small, too large or too many pages.
    """
    with _opened(path) as image:
        pages = _count(image, path)
        size = f"is {image.width:,} × {image.height:,} pixels"
        if min(image.size) < MIN_SIDE:
            raise ImageError(path, f"{size}: too small, under {MIN_SIDE} px", "export it at its full size")
        if image.width * image.height > MAX_PIXELS or pages > MAX_PAGES:
            raise ImageError(path, f"{size} on {pages:,} pages: too large", "split it before the import")
        return _header(str(image.tag_v2.get(_DESCRIPTION, "")), pages)


def stack_pages(path: Path) -> Iterator[Pixels | None]:
    """Every page as [H, W] of 8 or 16 bits; None for a preview or a page of another size.

    Raises:
        ImageError (a UserError): as `probe_stack`, or a page is damaged.
    """
    with _opened(path) as image:
        size = image.size
        for page in range(_count(image, path)):
            try:
                image.seek(page)
                image.load()
            except _DAMAGE as error:
                raise ImageError(
                    path, f"is damaged at page {page + 1} ({error})", "export it again"
                ) from error
            preview = image.tag_v2.get(_SUBFILE) == _REDUCED
            yield None if preview or image.size != size else _pixels(image)


def _opened(path: Path) -> TiffImagePlugin.TiffImageFile:
    try:
        image = Image.open(path, formats=["TIFF"])
    except Image.DecompressionBombError as error:
        raise ImageError(path, "is far too large", "split it before the import") from error
    except FileNotFoundError as error:
        raise unreadable(path, error) from error
    except _DAMAGE as error:
        raise (truncated(path) if "truncated" in str(error).lower() else broken(path, error)) from error
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        raise broken(path, "it is no TIFF file")
    return image


def _count(image: TiffImagePlugin.TiffImageFile, path: Path) -> int:
    try:
        return int(image.n_frames)
    except _DAMAGE as error:
        raise broken(path, error) from error


def _pixels(image: Image.Image) -> Pixels:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("I", "F"):
        return to_8_bit(np.asarray(image))
    return np.asarray(image.convert("L"))


def _header(description: str, pages: int) -> StackHeader:
    found = _from_imagej(description, pages) or _from_ome(description, pages)
    return found or StackHeader(pages, 1, pages, 1, "CZT", "")


def _from_imagej(description: str, pages: int) -> StackHeader | None:
    if not description.startswith("ImageJ="):
        return None
    lines = (line.partition("=") for line in description.splitlines())
    said = {name.strip(): value.strip() for name, _, value in lines}
    planes, channels, times = (_whole(said, name) for name in ("slices", "channels", "frames"))
    step = _number(said, "spacing")
    told = step is not None or "hyperstack" in said  # else “slices” is ImageJ's word for any pages
    if planes * channels * times != pages or not told:
        return None
    interval = _number(said, "finterval")
    scale = _MICROMETRES.get(said.get("unit", "").lower())
    return StackHeader(
        pages, planes, times, channels, "CZT", "ImageJ",
        step * scale if step and scale else None,
        interval / 3600 if interval else None,
    )  # fmt: skip


def _from_ome(description: str, pages: int) -> StackHeader | None:
    match = _PIXELS.search(description)
    if match is None:
        return None
    said = dict(_ATTRIBUTE.findall(match[1]))
    planes, channels, times = (_whole(said, name) for name in ("SizeZ", "SizeC", "SizeT"))
    order = said.get("DimensionOrder", "XYCZT").removeprefix("XY")
    if planes * channels * times != pages or sorted(order) != ["C", "T", "Z"]:
        return None
    step, interval = _number(said, "PhysicalSizeZ"), _number(said, "TimeIncrement")
    scale = _MICROMETRES.get(said.get("PhysicalSizeZUnit", "").lower())
    hours = _HOURS.get(said.get("TimeIncrementUnit", "").lower())
    return StackHeader(
        pages, planes, times, channels, order, "OME",
        step * scale if step and scale else None,
        interval * hours if interval and hours else None,
    )  # fmt: skip


def _whole(said: Mapping[str, str], name: str) -> int:
    text = said.get(name, "1")
    return int(text) if text.isdecimal() else 0


def _number(said: Mapping[str, str], name: str) -> float | None:
    try:
        return float(said[name])
    except (KeyError, ValueError):
        return None
