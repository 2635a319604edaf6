"""Looking through a source for burned-in text and scale bars, and storing what a person confirmed.

Times and wells in the pictures are not read: fonts differ by device, a misread digit would be a wrong time of
a real embryo, and nothing would show it. Where no file and no name tells the time, it stays empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

import cv2

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame, Source
from blasto_annotator.imaging.burned_in import (
    LEAST_FRAMES,
    MOST_FRAMES,
    WAYS,
    Box,
    Masks,
    find_burned_in,
    masks_of,
)
from blasto_annotator.imaging.decode import Grey, decode_grey
from blasto_annotator.importers.keeping import write_whole
from blasto_annotator.store import Project

Progress = Callable[[int, int | None], None]
OPTION = "burned_in"
_SIZES = 3
"""Different picture sizes of a source that are looked at, the commonest first."""


@dataclass(frozen=True)
class Looked:
    """What was found in a source's pictures of one size."""

    width: int
    height: int
    frames: tuple[Frame, ...]
    """Those looked at; the first can be shown."""
    embryos: int
    boxes: tuple[Box, ...]

    @property
    def enough(self) -> bool:
        """Whether the frames are enough to tell what is burned in."""
        return len(self.frames) >= LEAST_FRAMES

    @property
    def sentence(self) -> str:
        """For a person."""
        if not self.enough:
            return (
                f"{_count(len(self.frames), 'readable frame')} of {self.width} × {self.height} px: "
                f"{LEAST_FRAMES} are needed to tell what is burned in; mark the areas by hand"
            )
        what = "no burned-in text or bar" if not self.boxes else _areas(len(self.boxes))
        return (
            f"{what} in {len(self.frames)} frames of {_count(self.embryos, 'embryo')}, "
            f"{self.width} × {self.height} px"
        )


def look(project: Project, source: Source, progress: Progress | None = None) -> list[Looked]:
    """Looks for what is burned in over many frames of the source; stores nothing.

    Pictures of a size that has too few frames to tell are given without areas, to be marked by hand.

    Raises:
        UserError: no frame can be read.
    """
    by_size: dict[tuple[int, int], list[tuple[Frame, Grey]]] = defaultdict(list)
    chosen = _sample(project, source)
    for done, frame in enumerate(chosen, start=1):
        try:
            by_size[frame.width, frame.height].append((frame, decode_grey(project.frames.file(frame))))
        except UserError:  # a frame that cannot be read is said where it is shown
            continue
        if progress is not None:
            progress(done, len(chosen))
    if not by_size:
        raise UserError(f"No frame of “{source.name}” can be read; connect its drive, or locate its folder.")
    commonest = sorted(by_size, key=lambda size: len(by_size[size]), reverse=True)[:_SIZES]
    return [_looked(size, by_size[size]) for size in commonest]


def confirm(project: Project, source: Source, masks: Masks, who: str = "") -> Source:
    """Stores the areas that snapshots mask (audited); none means that there is nothing burned in.

    Raises:
        UserError: a way that means nothing, or an area outside the pictures.
    """
    if masks.way not in WAYS:
        raise UserError(f"There is no way “{masks.way}”; use {', '.join(WAYS)}.")
    for (width, height), boxes in masks.boxes.items():
        for box in boxes:
            inside = box.x >= 0 and box.y >= 0 and box.right <= width and box.bottom <= height
            if not inside or box.width < 1 or box.height < 1:
                raise UserError(
                    f"The area {box.x},{box.y},{box.width},{box.height} does not lie in a picture of "
                    f"{width} × {height} pixels; write x,y,width,height from the upper left corner."
                )
    current = next(each for each in project.frames.sources() if each.id == source.id)
    return project.frames.set_source_options(source.id, {**current.options, OPTION: masks.as_options()}, who)


def confirmed(source: Source) -> Masks | None:
    """What is stored; None where nobody has looked yet."""
    return masks_of(source.options)


def parse_boxes(text: str) -> tuple[Box, ...]:
    """`x,y,width,height; ...` as areas.

    Raises:
        UserError: not of that form.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        numbers = part.split(",")
        if len(numbers) != 4 or not all(number.strip().isdecimal() for number in numbers):
            raise UserError(f"“{part}” is no area; write x,y,width,height in pixels, such as 0,470,120,30.")
        found.append(Box(*(int(number) for number in numbers)))
    return tuple(found)


def write_picture(project: Project, looked: Looked, boxes: Sequence[Box], file: Path) -> None:
    """A frame with the areas drawn on it, as a PNG.

    Raises:
        UserError: the frame cannot be read or the file not written.
    """
    picture = cv2.cvtColor(decode_grey(project.frames.file(looked.frames[0])), cv2.COLOR_GRAY2BGR)
    for box in boxes:
        cv2.rectangle(picture, (box.x, box.y), (box.right - 1, box.bottom - 1), (0, 160, 255), 1)
    write_whole(file, cv2.imencode(".png", picture)[1].tobytes())


def masks_for(
    looked: Sequence[Looked], way: str, boxes: Mapping[tuple[int, int], Sequence[Box]] | None = None
) -> Masks:
    """What was found, or what a person made of it, as masks."""
    sizes = {(each.width, each.height): each.boxes for each in looked}
    return Masks(way, {size: tuple((boxes or sizes).get(size, found)) for size, found in sizes.items()})


def _sample(project: Project, source: Source) -> list[Frame]:
    """Frames of many embryos, and of several times of each where there are few embryos."""
    embryos = [row for row in project.frames.embryos() if row.source_id == source.id]
    step = max(1, len(embryos) // MOST_FRAMES)
    some = embryos[::step][:MOST_FRAMES]
    each = -(-MOST_FRAMES // max(1, len(some)))
    chosen: list[list[Frame]] = []
    for row in some:
        frames = project.frames.of_embryo(row.id)
        chosen.append(frames[:: max(1, len(frames) // each)][:each])
    in_turn = (frame for turn in zip_longest(*chosen) for frame in turn if frame is not None)
    return list(islice(in_turn, 2 * MOST_FRAMES))


def _looked(size: tuple[int, int], found: Sequence[tuple[Frame, Grey]]) -> Looked:
    found = found[:MOST_FRAMES]
    embryos = len({frame.embryo_id for frame, _ in found})
    pictures = [picture for _, picture in found]
    boxes = find_burned_in(pictures, embryos) if len(found) >= LEAST_FRAMES else ()
    return Looked(*size, tuple(frame for frame, _ in found), embryos, boxes)


def _areas(number: int) -> str:
    return f"{_count(number, 'area')} of burned-in text or bars"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
