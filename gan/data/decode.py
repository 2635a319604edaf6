"""One image file to an array of 8-bit values."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from gan.contract.errors import UserError

Pixels = npt.NDArray[np.uint8]
"""[C, H, W] or [N, C, H, W], 0 to 255."""

_MODES = {1: "L", 3: "RGB"}
_EIGHT_BITS = frozenset(("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"))


def decode(content: bytes, where: str, resolution: int, channels: int) -> Pixels:
    """The image as [channels, resolution, resolution]; colour becomes grey or grey colour as asked.

    Raises:
        UserError: not a readable image, not 8 bits a channel, or of another size; names `where`.
    """
    try:
        with Image.open(BytesIO(content)) as image:
            _require_shape(image, where, resolution)
            values = np.asarray(image.convert(_MODES[channels]), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(
            f"{where} cannot be read as an image ({error}): replace it or take it out."
        ) from error
    return values.reshape(resolution, resolution, channels).transpose(2, 0, 1)


def image_size(content: bytes, where: str) -> tuple[int, int, int]:
    """Width, height and channels (1 or 3) of an image, from its header.

    Raises:
        UserError: not a readable image; names `where`.
    """
    try:
        with Image.open(BytesIO(content)) as image:
            return image.width, image.height, 1 if image.mode in ("1", "L", "LA") else 3
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(
            f"{where} cannot be read as an image ({error}): replace it or take it out."
        ) from error


def _require_shape(image: Image.Image, where: str, resolution: int) -> None:
    if image.size != (resolution, resolution):
        raise UserError(
            f"{where} is {image.width}x{image.height}, but this run trains at {resolution}x{resolution}: "
            f"make the data set at that size, or choose its resolution."
        )
    # the library opens deep colour as if it had 8 bits; only the stored form tells
    stored = [str(part[3]) for part in getattr(image, "tile", ())]
    if image.mode not in _EIGHT_BITS or any(";16" in form for form in stored):
        raise UserError(f"{where} is not an 8-bit image (mode {image.mode}): save it with 8 bits a channel.")
