"""Small data sets in the StyleGAN tools' layout."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("good", "average", "poor")


def write_data(folder: Path, count: int = 12, size: int = 32, mode: str = "L", labels: bool = True) -> Path:
    """Noise around a grey of its class; the classes take turns."""
    pairs = []
    for number in range(count):
        name = f"00000/img{number:08d}.png"
        write_picture(folder / name, number, size, mode)
        pairs.append([name, number % len(CLASSES)])
    if labels:
        write_description(folder, labels=pairs, classes=list(CLASSES))
    return folder


def write_picture(path: Path, number: int, size: int, mode: str = "L") -> None:
    """Noise, another one for each number."""
    random = np.random.RandomState(number)
    shape = (size, size) if mode == "L" else (size, size, 3)
    pixels = random.normal(60 + 60 * (number % len(CLASSES)), 20, shape).clip(0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_description(folder: Path, **said: object) -> None:
    """`dataset.json`."""
    (folder / "dataset.json").write_text(json.dumps(said), encoding="utf-8")


def zipped(folder: Path, file: Path) -> Path:
    """The same data set as a zip file."""
    with zipfile.ZipFile(file, "w") as target:
        for path in sorted(folder.rglob("*")):
            target.write(path, path.relative_to(folder).as_posix())
    return file
