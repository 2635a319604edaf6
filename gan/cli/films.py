"""Videos: written whole or not at all, with their provenance beside them as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from gan.contract.errors import UserError
from gan.contract.jsonfile import write_json
from gan.contract.whole_file import whole_file
from gan.data.decode import Pixels

CODECS = {".mp4": "mp4v", ".avi": "MJPG"}
"""By ending: codecs that every opencv-python-headless carries."""
PICTURE_FORMATS = {".gif": "GIF", ".webp": "WEBP"}
ENDINGS = (*CODECS, *PICTURE_FORMATS)
ROOM = 65536
"""Bytes without which no video is begun."""
Frames = Iterator[Pixels]


def write_film(path: Path, frames: Frames, fps: float, said: Mapping[str, Any]) -> int:
    """Writes frames [C, H, W] as a video, and what is said of it as `<name>.json` beside it.

    Returns how many there were.
    `.mp4` is MPEG-4, `.avi` Motion JPEG, `.gif` and `.webp` (lossless) repeat for ever.

    Raises:
        UserError: another ending, or this machine cannot encode it.
        OSError: it cannot be written; nothing is left behind.
    """
    require_ending(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer: Callable[[Path, Frames, float], int]
    writer = _write_video if path.suffix.lower() in CODECS else _write_animation
    with whole_file(path, ending=path.suffix) as temporary:
        count = writer(temporary, frames, fps)
        digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    shown = fps if path.suffix.lower() in CODECS else 1000 / _milliseconds(fps)
    facts = {"file": path.name, "sha256": digest, "frames": count, "fps": shown}
    write_json(path.with_name(f"{path.name}.json"), {**said, **facts})
    return count


def require_ending(path: Path) -> None:
    """Checks that the name says a kind of video that we write.

    Raises:
        UserError: it does not.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UserError(f"{path} is no video's name: let it end with {', '.join(ENDINGS)}.")


def _write_video(path: Path, frames: Frames, fps: float) -> int:
    first = next(frames)
    size = (first.shape[2], first.shape[1])
    code = CODECS[path.suffix.lower()]
    path.write_bytes(bytes(ROOM))  # so that a folder or disk that refuses is told apart from a missing codec
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), fps, size)
    if not writer.isOpened():
        raise UserError(
            f"This machine's OpenCV cannot encode {size[0]}x{size[1]} as {path.suffix} ({code}): "
            "choose .avi, .gif or .webp, or fewer pictures side by side."
        )
    count = 0
    try:
        for frame in _with_first(first, frames):
            writer.write(_bgr(frame))
            count += 1
    finally:
        writer.release()
    if frames_in(path) != count:  # the encoder says nothing of a full disk
        raise OSError(None, "the video is incomplete; is there room on the disk", str(path))
    return count


def _write_animation(path: Path, frames: Frames, fps: float) -> int:
    pictures = [Image.fromarray(_rgb(frame)) for frame in frames]
    pictures[0].save(
        path,
        PICTURE_FORMATS[path.suffix.lower()],
        save_all=True,
        append_images=pictures[1:],
        duration=_milliseconds(fps),
        loop=0,
        **({"lossless": True} if path.suffix.lower() == ".webp" else {}),
    )
    return len(pictures)


def _milliseconds(fps: float) -> int:
    """A frame's time: GIF counts in hundredths of a second, and viewers slow down what is below two."""
    return max(round(100 / fps), 2) * 10


def frames_in(path: Path) -> int:
    """How many frames a video says that it has; 0 for none that can be read."""
    capture = cv2.VideoCapture(str(path))
    try:
        return max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0) if capture.isOpened() else 0
    finally:
        capture.release()


def _with_first(first: Pixels, rest: Frames) -> Frames:
    yield first
    yield from rest


def _rgb(frame: Pixels) -> Pixels:
    return frame[0] if len(frame) == 1 else np.ascontiguousarray(frame.transpose(1, 2, 0))


def _bgr(frame: Pixels) -> Pixels:
    """As the encoder takes it: [H, W, 3], blue first."""
    colour = np.repeat(frame, 3, axis=0) if len(frame) == 1 else frame[::-1]
    return np.ascontiguousarray(colour.transpose(1, 2, 0))
