"""Films (AVI, MP4 and the like), read from the first frame to the last by OpenCV's FFmpeg."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from blasto_annotator.imaging.decode import Grey
from blasto_annotator.imaging.errors import ImageError, unreadable
from blasto_annotator.imaging.header import MAX_PIXELS, MIN_SIDE

FILM_SUFFIXES = frozenset((".avi", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv"))
_SIGNATURES = (b"RIFF", b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"0&\xb2u")
"""AVI; Matroska and WebM; MPEG programme and video streams; Windows Media."""

# What is wrong with a film is said in our sentences, not by the libraries in the terminal.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@dataclass(frozen=True)
class FilmHeader:
    """What a film's container says."""

    frames: int
    """As announced; 0 where the container does not say."""
    width: int
    height: int


def is_film_name(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in FILM_SUFFIXES  # noqa: PTH122 (millions of names)


def probe_film(path: Path) -> FilmHeader:
    """The film's header; its first frame is decoded to see whether the codec is known.

    Raises:
        ImageError (a UserError): missing, no film, an unknown codec, too small or too large.
    """
    capture = _open(path)
    try:
        whole, first = capture.read()
        if not whole:
            raise _unknown(path)
        height, width = first.shape[:2]
        _check_size(path, width, height)
        return FilmHeader(max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT))), width, height)
    finally:
        capture.release()


def film_frames(path: Path) -> Iterator[Grey]:
    """Every frame that decodes, as [H, W] grey, in order; a damaged film simply ends early.

    Raises:
        ImageError (a UserError): as `probe_film`.
    """
    capture = _open(path)
    try:
        while True:
            whole, picture = capture.read()
            if not whole:
                return
            if picture.ndim == 3:
                picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
            yield np.asarray(picture, dtype=np.uint8)
    finally:
        capture.release()


def _open(path: Path) -> cv2.VideoCapture:
    """The container is known by its first bytes: FFmpeg would follow a playlist to other places."""
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as error:
        raise unreadable(path, error) from error
    if not start:
        raise ImageError(path, "is empty", "copy or export it again")
    if not start.startswith(_SIGNATURES) and start[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        raise ImageError(path, "holds no film, whatever its name says", "leave it out or export it again")
    capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        capture.release()
        raise _unknown(path)
    return capture


def _unknown(path: Path) -> ImageError:
    return ImageError(
        path,
        "is truncated, damaged, or of a codec that is not known here",
        "copy it again, or export it as AVI (Motion JPEG) or MP4 (H.264)",
    )


def _check_size(path: Path, width: int, height: int) -> None:
    size = f"is {width:,} × {height:,} pixels"
    if min(width, height) < MIN_SIDE:
        raise ImageError(path, f"{size}: too small, under {MIN_SIDE} px", "export it at its full size")
    if width * height > MAX_PIXELS:
        raise ImageError(path, f"{size}: too large", f"export it with at most {MAX_PIXELS:,} pixels")
