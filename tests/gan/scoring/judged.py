"""Drawn rings and an expert who follows a rule: whole rings are perfect, large ones are `large`."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from gan.contract.scorer_folder import VERDICT_COLUMNS

CLASSES = ("large", "small")


def ring(random: np.random.RandomState, radius: int, whole: bool, side: int = 32) -> np.ndarray:
    """A ring on noise; one that is not whole has a gap."""
    image = random.normal(110, 12, (side, side))
    gap = 0 if whole else 110
    start = int(random.randint(360))
    centre = (side // 2 + int(random.randint(-1, 2)), side // 2 + int(random.randint(-1, 2)))
    cv2.ellipse(image, centre, (radius, radius), start, 0, 360 - gap, 210.0, 2)
    return np.clip(image, 0, 255).astype(np.uint8)


def write_table(
    folder: Path,
    rounds: int = 2,
    a_round: int = 60,
    real: int = 40,
    wrong: float = 0.3,
    truthful: bool = True,
) -> Path:
    """Images and the table of verdicts on them; an expert who is not truthful throws coins."""
    random = np.random.RandomState(3)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(rounds * a_round + real):
        generated = number < rounds * a_round
        label = number % 2
        whole = not generated or bool(random.rand() < 0.5)
        right = not generated or bool(random.rand() > wrong)
        image = ring(random, 7 if (label == 1) == right else 12, whole)
        said = whole if truthful or not generated else bool(random.rand() < 0.5)
        fits = right if truthful or not generated else bool(random.rand() < 0.5)
        name = f"{number:04d}.png"
        Image.fromarray(image).save(folder / name)
        sha256 = hashlib.sha256((folder / name).read_bytes()).hexdigest() if generated else ""
        batch = f"b{number // a_round}" if generated else ""
        embryo = "" if generated else f"e{number // 4}"
        rows.append((name, sha256, label, CLASSES[label], int(said), int(fits), batch, embryo))
    table = folder / "verdicts.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([VERDICT_COLUMNS, *rows])
    return table
