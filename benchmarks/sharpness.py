"""Which focus measure chooses the focal plane that a person would: on the 14 embryos of STORK's sample.

Run `python benchmarks/sharpness.py [FOLDER]` (default `../shared/data/stork/Images`). Each embryo has seven
planes. One reader, no embryologist, wrote down before measuring the plane on which most of the embryo is in
focus, and the range in which he would accept it. Each measure is taken over the whole frame and over the
area in which `imaging.focus` finds the embryo; the table says how often it chose his plane, and one of his
range. The smoothing of ours was chosen on these embryos: the table shows what it does, it does not prove it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import Grey, decode_grey
from blasto_annotator.imaging.focus import SMOOTH, detail, embryo_region

Measure = Callable[[Grey], NDArray[np.float32]]

READ: Mapping[str, tuple[int, int, int]] = {
    "23765483": (0, -15, 15),
    "27002081": (0, -15, 15),
    "32176207": (0, 0, 15),
    "32898300": (0, -15, 0),
    "33996213": (-15, -15, 0),
    "34107362": (0, -15, 15),
    "35635677": (15, 0, 30),
    "36338476": (0, -15, 15),
    "36933247": (15, 0, 15),
    "39008723": (0, -15, 15),
    "41019399": (15, 0, 15),
    "66503199": (0, -15, 15),
    "67628794": (0, -15, 15),
    "97758912": (0, -15, 15),
}
"""Embryo to the reader's plane and range, micrometres."""


def main() -> None:
    """Compares and prints."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/stork/Images")
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: name the folder of the STORK sample's images")
    embryos = read(folder)
    print(f"{'of ' + str(len(embryos)):<36}{'frame: plane':>14}{'range':>7}{'embryo: plane':>15}{'range':>7}")
    for name, measure in MEASURES.items():
        figures = [agreement(embryos, measure, inside) for inside in (False, True)]
        (plane, within), (plane_in, within_in) = figures
        print(f"{name:<36}{plane:>14}{within:>7}{plane_in:>15}{within_in:>7}")


def read(folder: Path) -> dict[str, dict[int, Grey]]:
    """Embryo to plane to pixels."""
    found: dict[str, dict[int, Grey]] = {}
    for file in sorted(folder.rglob("*.jpg")):
        match = re.search(r"(\d+)_(-?\d+)_[^_]+$", file.stem)
        if match and match[1] in READ:
            found.setdefault(match[1], {})[int(match[2])] = decode_grey(file)
    return found


def agreement(embryos: Mapping[str, dict[int, Grey]], measure: Measure, inside: bool) -> tuple[int, int]:
    """How often the measure chose the reader's plane, and one in his range."""
    exact = within = 0
    for name, planes in embryos.items():
        region = embryo_region(list(planes.values()))
        mask = region if inside else np.ones_like(region)
        chosen = max(planes, key=lambda plane: cv2.mean(measure(planes[plane]), mask=mask)[0])
        best, low, high = READ[name]
        exact += chosen == best
        within += low <= chosen <= high
    return exact, within


def tenengrad(image: Grey) -> NDArray[np.float32]:
    """Squared gradient (Tenenbaum 1970)."""
    across, down = cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)
    return np.asarray(across**2 + down**2, np.float32)


def brenner(image: Grey) -> NDArray[np.float32]:
    """Squared difference of pixels two apart, both ways (Brenner et al. 1976)."""
    level = image.astype(np.float32)
    found = np.zeros_like(level)
    found[:, :-2] += (level[:, 2:] - level[:, :-2]) ** 2
    found[:-2] += (level[2:] - level[:-2]) ** 2
    return found


def squared_laplacian(image: Grey) -> NDArray[np.float32]:
    """Its mean is the variance of the Laplacian (Pech-Pacheco et al. 2000) up to a mean near zero."""
    return np.asarray(cv2.Laplacian(image, cv2.CV_32F) ** 2, np.float32)


MEASURES: Mapping[str, Measure] = {
    "variance of the Laplacian": squared_laplacian,
    "the same, smoothed": lambda image: np.asarray(detail(image, SMOOTH) ** 2, np.float32),
    "Brenner": brenner,
    "Tenengrad": tenengrad,
    "gradient magnitude": lambda image: np.asarray(np.sqrt(tenengrad(image)), np.float32),
    "absolute Laplacian, smoothed (ours)": lambda image: np.abs(detail(image, SMOOTH)),
}


if __name__ == "__main__":
    main()
