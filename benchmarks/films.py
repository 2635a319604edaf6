"""Films: unpacking them once, against turning to a frame inside one.

    python -m benchmarks.films [FOLDER OF FRAMES]

Writes a film of real (or drawn) frames as Motion JPEG and, where this OpenCV can, MPEG-4 and H.264; then
measures a jump to a frame inside the film (seek and decode), the decoding of the same frame's unpacked PNG,
the unpacking's speed, and the bytes of a frame in both. Prints figures and ratios, and the machine.
"""

from __future__ import annotations

import os
import platform
import random
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from blasto_annotator.imaging.decode import Grey, decode_grey
from blasto_annotator.importers.run import import_source
from blasto_annotator.sample.cohort import SampleSpec
from blasto_annotator.sample.writer import write_gomez_tree
from blasto_annotator.store import Project

FRAMES = 400
JUMPS = 60
CODECS = {"Motion JPEG": ("MJPG", "avi"), "MPEG-4": ("mp4v", "mp4"), "H.264": ("avc1", "mp4")}


def main() -> None:
    """Runs it."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, OpenCV {cv2.__version__}")
    with tempfile.TemporaryDirectory() as place:
        pictures = frames(Path(place), Path(sys.argv[1]) if len(sys.argv) > 1 else None)
        for name, (codec, suffix) in CODECS.items():
            film = Path(place) / codec / f"film.{suffix}"
            film.parent.mkdir()
            if write(film, pictures, codec):
                measure(name, film, Path(place) / f"{codec}-project")
            else:
                print(f"{name}: this OpenCV cannot write it")


def frames(place: Path, folder: Path | None) -> list[Grey]:
    """Pictures of 500 x 500, real ones where a folder holds them."""
    if folder is None:
        folder = place / "drawn"
        write_gomez_tree(folder, SampleSpec(embryos_per_group=2, moments=4, planes=(0,), size=500))
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    return [decode_grey(path) for path in files[:100]]


def write(film: Path, pictures: list[Grey], codec: str) -> bool:
    """A film that goes round through the pictures, each drifting a little, as a time lapse does."""
    height, width = pictures[0].shape
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*codec), 8.0, (width, height))
    if not writer.isOpened():
        return False
    for number in range(FRAMES):
        picture = np.roll(pictures[number // 8 % len(pictures)], number % 8, axis=1)
        writer.write(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
    writer.release()
    return True


def measure(name: str, film: Path, folder: Path) -> None:
    """Prints one codec's figures."""
    with Project.create(folder) as project:
        start = time.perf_counter()
        report = import_source(project, film.parent)
        unpacking = time.perf_counter() - start
        (row,) = project.frames.embryos()
        files = [project.frames.file(frame) for frame in project.frames.of_embryo(row.id)]
    chosen = random.Random(1).sample(range(report.added), JUMPS)
    inside = [jump(film, number) for number in chosen]
    unpacked = [timed(files[number]) for number in chosen]
    size = sum(file.stat().st_size for file in files) / len(files)
    slow, fast = np.percentile(inside, 99) * 1000, np.percentile(unpacked, 99) * 1000
    print(
        f"{name}: a jump inside the film {np.median(inside) * 1000:.1f} ms (99 %: {slow:.1f}), the unpacked "
        f"frame {np.median(unpacked) * 1000:.1f} ms (99 %: {fast:.1f}): {slow / fast:.1f} times; unpacked at "
        f"{report.added / unpacking:.0f} frames/s; {size / 1000:.0f} KB a frame, "
        f"{film.stat().st_size / report.added / 1000:.0f} KB in the film"
    )


def jump(film: Path, number: int) -> float:
    """Seconds to seek and decode one frame of an open film."""
    capture = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)
    start = time.perf_counter()
    capture.set(cv2.CAP_PROP_POS_FRAMES, number)
    assert capture.read()[0]
    seconds = time.perf_counter() - start
    capture.release()
    return seconds


def timed(file: Path) -> float:
    """Seconds to decode an unpacked frame."""
    start = time.perf_counter()
    decode_grey(file)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
