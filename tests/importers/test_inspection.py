"""Opening many files: in one thread or several, alike or not, each is told from the others."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.importers.inspection import Inspected, inspect_all

SIDES = (40, 48, 20)
"""The last is too small for an embryo."""
FILES = 3000


def jpeg(side: int) -> bytes:
    """Noise; two of one side begin with the same bytes."""
    data = BytesIO()
    pixels = np.random.default_rng(side).integers(0, 256, (side, side), np.uint8)
    Image.fromarray(pixels).save(data, "jpeg", quality=80)
    return data.getvalue()


def source(root: Path) -> list[ImportedFrame | RejectedFile]:
    """Files of three sizes by turns, every seventh cut off, and some that an importer left out before."""
    root.mkdir()
    entries: list[ImportedFrame | RejectedFile] = []
    whole = [jpeg(side) for side in SIDES]
    for number in range(FILES):
        path = root / f"{number}.jpg"
        data = whole[number % 3]
        if number < 300:
            path.write_bytes(data[: len(data) // 2] if number % 7 == 0 else data)
        else:
            path.hardlink_to(root / f"{number % 42}.jpg")
        entries.append(ImportedFrame(path.name, f"E{number}"))
        if number % 50 == 0:
            entries.append(RejectedFile(f"{number}.txt", "not an image file"))
    return entries


def test_files_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    found = list(inspect_all(tmp_path / "source", source(tmp_path / "source")))

    frames = {file.frame.path: file.frame for file in found if isinstance(file, Inspected)}
    left = {file.path: file.reason for file in found if isinstance(file, RejectedFile)}
    assert len(found) == FILES + FILES // 50
    assert {(frames[name].width, frames[name].height) for name in ("1.jpg", "4.jpg")} == {(48, 48)}
    assert (frames["3.jpg"].width, frames["3.jpg"].size) == (40, len(jpeg(40)))
    assert "truncated" in left["7.jpg"]
    assert "too small" in left["2.jpg"]


def test_a_slow_drive_gives_the_same_in_the_same_order(tmp_path: Path) -> None:
    entries = source(tmp_path / "source")

    at_once = list(inspect_all(tmp_path / "source", entries, slow_s=60))
    in_threads = list(inspect_all(tmp_path / "source", entries, slow_s=-1))

    assert in_threads == at_once
