"""Source folders made for tests: every picture's content differs from every other's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def frame(path: Path, seed: int, size: int = 48) -> Path:
    """A small JPEG or PNG of its own content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def run_name(run: int) -> str:
    return f"D2013.01.28_S0717_I132_WELL7_RUN{run}.jpeg"


def gomez(root: Path, videos: tuple[str, ...] = ("AA83-7", "AA83-12"), runs: int = 12) -> Path:
    """A tree in the layout of Gomez et al. with planes 0 and -15, times, phases and grades."""
    seed = 0
    for folder in ("embryo_dataset", "embryo_dataset_F-15"):
        for video in videos:
            for run in range(1, runs + 1):
                seed += 1
                frame(root / folder / video / run_name(run), seed)
    for video in videos:
        times = root / "embryo_dataset_time_elapsed" / f"{video}_timeElapsed.csv"
        times.parent.mkdir(exist_ok=True)
        rows = [f"{index},{100 + index * 0.5}" for index in range(runs + 1)]
        times.write_text("\n".join(["frame_index,time", *rows]) + "\n")
    phases = root / "embryo_dataset_annotations"
    phases.mkdir(exist_ok=True)
    (phases / f"{videos[0]}_phases.csv").write_bytes(b"tSB,2,5\r\ntB,8,10\r\ntEB,10,999\r\n")
    grades = "video_name,TE,ICM\n" + f"{videos[0]},B,A\n" + f"{videos[-1]},NA,C\n"
    (root / "embryo_dataset_grades.csv").write_text(grades)
    return root
