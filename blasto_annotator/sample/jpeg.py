"""Writes a drawn frame as a JPEG that says it is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from blasto_annotator import __version__

NOTICE = f"drawn by blasto-annotator {__version__}, not a photograph"
"""Stands in every drawn file, as JPEG comment and as EXIF ImageDescription."""

_IMAGE_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131
_QUALITY = 90


def write_frame(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Writes a grey frame [height, width]; the same pixels give the same bytes."""
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION] = NOTICE
    exif[_SOFTWARE] = f"blasto-annotator {__version__}"
    Image.fromarray(pixels).save(path, "JPEG", quality=_QUALITY, exif=exif, comment=NOTICE)
