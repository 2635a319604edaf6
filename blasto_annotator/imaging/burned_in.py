"""Text and scale bars that a microscope burned into its pictures: finding them, and taking them out.

What is burned in has its edges at the same place in every picture, and embryos have not: the median of the
gradient over pictures of many embryos keeps the former alone (Dekel, Rubinstein, Liu and Freeman 2017, On the
effectiveness of visible watermarks, section 3.1). Strokes are told from the edge of a round field of view by
their two sides, whose gradients cancel. Digits that change are found beside those that do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.imaging.decode import Grey

LEAST_FRAMES = 20
"""Fewer say nothing of what is constant."""
MOST_FRAMES = 48
MANY_EMBRYOS = 5
"""From so many on, embryos and wells do not lie alike by chance."""
WAYS = ("inpaint", "crop", "leave")
"""What snapshots do with the areas: filled from around (Telea 2004), cut off, or nothing."""

_EDGE, _EDGE_OF_FEW = 45.0, 110.0
"""Grey levels a pixel: the least gradient of a stroke over many embryos, and over few, which lie still."""
_ONE_SIDED = 0.5
"""Share of a region's gradient that is not cancelled by its other side: a step, not a stroke."""
_LEAST_EDGE_PIXELS = 12
_LARGEST = 0.2
"""Of the picture's area; what is larger is no text."""
_CELLS = 8
_VARIES = 0.05
"""Share of pictures, two at least, in which a cell beside text holds as hard an edge: a changing digit."""
_STRIP = 128
_AROUND = 12
_RADIUS = 3.0

Gradient = NDArray[np.int16]


@dataclass(frozen=True, order=True)
class Box:
    """A rectangle of a picture, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def meets(self, other: Box) -> bool:
        """Whether the two share a pixel."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def grown(self, by: int, width: int, height: int) -> Box:
        """A margin more on each side, within a picture of this size."""
        x, y = max(0, self.x - by), max(0, self.y - by)
        return Box(x, y, min(width, self.right + by) - x, min(height, self.bottom + by) - y)


@dataclass(frozen=True)
class Masks:
    """What a person confirmed of a source: areas by the pictures' size, and what snapshots do with them."""

    way: str
    boxes: Mapping[tuple[int, int], tuple[Box, ...]] = field(hash=False)
    """(width, height) to areas."""

    def of(self, image: Grey) -> tuple[Box, ...]:
        """The areas of a picture, by its size."""
        height, width = image.shape
        return self.boxes.get((width, height), ())

    def said(self, image: Grey) -> str:
        """What `clean` does to this picture, for a table; empty where it does nothing."""
        boxes = self.of(image)
        if not boxes or self.way == "leave":
            return ""
        areas = ";".join(f"{box.x},{box.y},{box.width},{box.height}" for box in boxes)
        return f"{'inpainted' if self.way == 'inpaint' else 'cropped'} {areas}"

    def as_options(self) -> dict[str, Any]:
        """For a source's options (JSON)."""
        sizes = [
            {"width": width, "height": height, "boxes": [[b.x, b.y, b.width, b.height] for b in boxes]}
            for (width, height), boxes in sorted(self.boxes.items())
        ]
        return {"way": self.way, "sizes": sizes}


def masks_of(options: Mapping[str, Any]) -> Masks | None:
    """What a source's options say of burned-in areas; None where nobody has looked."""
    value = options.get("burned_in")
    if not isinstance(value, Mapping):
        return None
    boxes = {
        (int(size["width"]), int(size["height"])): tuple(Box(*map(int, box)) for box in size["boxes"])
        for size in value["sizes"]
    }
    return Masks(str(value["way"]), boxes)


def clean(image: Grey, masks: Masks | None) -> Grey:
    """The picture without its burned-in areas, as the masks say."""
    boxes = masks.of(image) if masks is not None else ()
    if masks is None or not boxes or masks.way == "leave":
        return image
    if masks.way == "crop":
        height, width = image.shape
        area = free_square(width, height, boxes)
        return image[area.y : area.bottom, area.x : area.right]
    return _inpainted(image, boxes)


@lru_cache(maxsize=64)
def free_square(width: int, height: int, boxes: tuple[Box, ...]) -> Box:
    """The largest square that touches no box; of equal ones the nearest to the middle."""
    lefts, rights = [0, *(b.right for b in boxes)], [width, *(b.x for b in boxes)]
    tops, bottoms = [0, *(b.bottom for b in boxes)], [height, *(b.y for b in boxes)]
    best = Box(0, 0, 0, 0)
    for x, right, y, bottom in product(lefts, rights, tops, bottoms):
        side = min(right - x, bottom - y)
        area = Box(x, y, right - x, bottom - y)
        if side > best.width and not any(area.meets(box) for box in boxes):
            left = min(max((width - side) // 2, x), right - side)
            top = min(max((height - side) // 2, y), bottom - side)
            best = Box(left, top, side, side)
    return best


def find_burned_in(frames: Sequence[Grey], embryos: int) -> tuple[Box, ...]:
    """Areas of text and bars in pictures of one size, from the top down.

    `embryos`: how many different ones the pictures show; with few of them only what is very plain is found.

    Raises:
        ValueError: under `LEAST_FRAMES`, or of different sizes.
    """
    if len(frames) < LEAST_FRAMES or len({frame.shape for frame in frames}) != 1:
        raise ValueError(f"{LEAST_FRAMES} or more pictures of one size are needed")
    least = _EDGE if embryos >= MANY_EMBRYOS else _EDGE_OF_FEW
    along_x, along_y = _median_gradients(frames)
    strength = np.hypot(along_x, along_y)
    height, width = strength.shape
    found = []
    for box in _lines(strength >= least):
        inside = (slice(box.y, box.bottom), slice(box.x, box.right))
        if _is_stroke(along_x[inside], along_y[inside], strength[inside], least, width * height):
            wider = _with_changing_digits(frames, box, float(strength[inside].max()))
            found.append(wider.grown(max(3, round(0.2 * box.height)), width, height))
    return tuple(sorted(_joined(found), key=lambda box: (box.y, box.x)))


def _median_gradients(frames: Sequence[Grey]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Median over the pictures of the gradient along x and y, grey levels a pixel; in strips, for memory."""
    height, width = frames[0].shape
    medians = np.zeros((2, height, width), np.float32)
    for top in range(0, height, _STRIP):
        low, high = max(0, top - 1), min(height, top + _STRIP + 1)
        parts = [frame[low:high] for frame in frames]
        rows = slice(top - low, min(height, top + _STRIP) - low)
        for axis, (dx, dy) in enumerate(((1, 0), (0, 1))):
            gradients = [cv2.Sobel(part, cv2.CV_16S, dx, dy, ksize=3)[rows] for part in parts]
            medians[axis, top : top + _STRIP] = np.median(np.stack(gradients), axis=0) / 4
    return medians[0], medians[1]


def _lines(edges: NDArray[np.bool_]) -> list[Box]:
    """Edge pixels gathered into lines of text and bars."""
    height, width = edges.shape
    reach = (max(9, width // 22) | 1, max(5, height // 80) | 1)
    closed = cv2.morphologyEx(
        edges.astype(np.uint8), cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, reach)
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    return [Box(int(x), int(y), int(w), int(h)) for x, y, w, h, _ in stats[1:]]


def _is_stroke(
    along_x: NDArray[np.float32],
    along_y: NDArray[np.float32],
    strength: NDArray[np.float32],
    least: float,
    area: int,
) -> bool:
    edges = strength >= least
    if edges.sum() < _LEAST_EDGE_PIXELS or edges.size > _LARGEST * area or min(edges.shape) < 3:
        return False
    one_sided = np.hypot(along_x[edges].sum(), along_y[edges].sum()) / strength[edges].sum()
    return bool(one_sided < _ONE_SIDED)


def _with_changing_digits(frames: Sequence[Grey], box: Box, contrast: float) -> Box:
    """The box and those neighbouring cells that hold hard edges in most pictures."""
    height, width = frames[0].shape
    cell = max(4, round(0.6 * box.height))
    if box.height > height // 8:
        return box
    band = [frame[box.y : box.bottom] for frame in frames]
    hard = np.mean([_hard_columns(part, 0.6 * contrast) for part in band], axis=0)  # share of pictures
    share = max(_VARIES, 2 / len(frames))
    left, right = box.x, box.right
    for _ in range(_CELLS):
        if left > 0 and hard[max(0, left - cell) : left].max(initial=0.0) >= share:
            left = max(0, left - cell)
        if right < width and hard[right : right + cell].max(initial=0.0) >= share:
            right = min(width, right + cell)
    return Box(left, box.y, right - left, box.height)


def _hard_columns(part: Grey, least: float) -> NDArray[np.bool_]:
    """Columns of a line that hold an edge as hard as the text's."""
    along_x = cv2.Sobel(part, cv2.CV_16S, 1, 0, ksize=3)
    return np.asarray(np.abs(along_x).max(axis=0) / 4 >= least)


def _joined(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that meet become one."""
    found: list[Box] = []
    for box in boxes:
        meeting = [other for other in found if other.meets(box)]
        while meeting:
            found = [other for other in found if other not in meeting]
            for other in meeting:
                box = box.joined(other)
            meeting = [other for other in found if other.meets(box)]
        found.append(box)
    return found


def _inpainted(image: Grey, boxes: Sequence[Box]) -> Grey:
    height, width = image.shape
    result = image.copy()
    for box in boxes:
        near = box.grown(_AROUND, width, height)
        part = result[near.y : near.bottom, near.x : near.right]
        hole = np.zeros(part.shape, np.uint8)
        hole[box.y - near.y : box.bottom - near.y, box.x - near.x : box.right - near.x] = 255
        part[:] = cv2.inpaint(np.ascontiguousarray(part), hole, _RADIUS, cv2.INPAINT_TELEA)
    return result
