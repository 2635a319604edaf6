"""Videos (AVI, MP4, ...) and TIFF stacks: every frame becomes a lossless PNG that the project keeps.

A label belongs to the bytes that a grader saw, and a page must turn within a display's refresh: neither holds
for a place inside a film, whose pixels depend on the decoder and on the frames before it. So a film is
unpacked once, grey as the rest of the program sees it, into `PROJECT/frames/<source>/<film>/000001.png`; the
film itself stays where it is. `film.json` beside the pictures says what they were made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import cv2

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.imaging.decode import Pixels
from blasto_annotator.imaging.errors import ImageError
from blasto_annotator.imaging.tiff import STACK_SUFFIXES, StackHeader, probe_stack, stack_pages
from blasto_annotator.imaging.video import film_frames, is_film_name, probe_film
from blasto_annotator.importers.files import walk
from blasto_annotator.importers.keeping import write_whole
from gan.contract.jsonfile import read_json, write_json

PAGES = ("recognised", "times", "planes")
"""What the pages of a stack are: as the file says (times where it does not), or as a person says."""
RECORD = "film.json"
_PREVIEWED = 12
"""Frames of a film that `read` lists without decoding it."""
_LOOK_AT = 400
_PNG_SPEED = [cv2.IMWRITE_PNG_COMPRESSION, 3]
_NO_FILM = "neither a video nor a stack of pages"

_Entries = Iterator[ImportedFrame | RejectedFile]
Tell = Callable[[], None]


@dataclass(frozen=True)
class _Times:
    """How a frame's number becomes hours, as a person said."""

    first: float | None
    step: float | None

    def hours(self, number: int, step: float | None = None) -> float | None:
        """Of frame `number`, from 0; `step` is what the file itself says."""
        each = self.step if self.step is not None else step
        if each is None or self.first is None:
            return None
        return round(self.first + number * each, 4)


@dataclass(frozen=True)
class FilmImporter:
    """Films and stacks, each an embryo. Options: `pages`, `plane_step`, `first_hpi`, `frame_hours`."""

    name: str = "films"
    title: str = "Videos and stacks (AVI, MP4, multi-page TIFF)"

    def can_read(self, path: Path) -> str | None:
        """Films or stacks, and more of them than of other files' kinds."""
        films, stacks, others = [], [], 0
        for number, entry in enumerate(entry for entry in walk(path) if isinstance(entry, str)):
            if number >= _LOOK_AT:
                break
            if is_film_name(entry):
                films.append(entry)
            elif is_stack_name(entry) and _is_stack(path / entry):
                stacks.append(entry)
            elif not entry.lower().endswith((".txt", ".csv", ".xlsx", ".xml", ".json", ".md")):
                others += 1
        if len(films) + len(stacks) <= others:
            return None
        return _reason(path, films, stacks)

    def read(self, path: Path, options: Mapping[str, Any]) -> _Entries:
        """What unpacking will give: the first frames of each film, from the containers' headers alone."""
        times, pages, step = _times(options), _pages(options), _step(options)
        for entry in walk(path):
            if isinstance(entry, RejectedFile):
                yield entry
                continue
            try:
                yield from _planned(path, entry, times, pages, step)
            except ImageError as error:
                yield RejectedFile(entry, error.reason)

    def unpack(
        self, path: Path, folder: Path, options: Mapping[str, Any], files: Sequence[str] = ()
    ) -> _Entries:
        """Writes the frames of every film (of `files` alone where given) below `folder` and yields them.

        A film that was unpacked before is not decoded again; one whose unpacking was stopped goes on.

        Raises:
            UserError: an option means nothing, or the disk takes no more.
        """
        times, pages, step = _times(options), _pages(options), _step(options)
        for entry in walk(path):
            if isinstance(entry, RejectedFile):
                yield entry
            elif not files or entry in files:
                try:
                    yield from _unpacked(path, folder, entry, times, pages, step)
                except ImageError as error:
                    yield RejectedFile(entry, error.reason)


def is_stack_name(name: str) -> bool:
    return name.lower().endswith(STACK_SUFFIXES)


def is_film_or_stack(path: Path) -> bool:
    """Whether a single file is one to unpack."""
    return is_film_name(path.name) or (is_stack_name(path.name) and _is_stack(path))


def _is_stack(path: Path) -> bool:
    try:
        return probe_stack(path).pages > 1
    except UserError:
        return False


def _reason(root: Path, films: Sequence[str], stacks: Sequence[str]) -> str:
    parts = []
    if films:
        parts.append(
            f"1 video, {films[0]}" if len(films) == 1 else f"{len(films)} videos, such as {films[0]}"
        )
    if stacks:
        header = probe_stack(root / stacks[0])
        number = "1 stack" if len(stacks) == 1 else f"{len(stacks)} stacks"
        parts.append(f"{number}, such as {stacks[0]} ({describe_stack(header)})")
    return " and ".join(parts)


def describe_stack(header: StackHeader) -> str:
    """`35 pages: 5 times of 7 planes, says ImageJ`."""
    if not header.told_by:
        return f"{header.pages} pages; the file does not say whether times or planes, so times"
    step = f", {header.plane_step:g} µm apart" if header.plane_step else ", their distance not told"
    times = "1 time" if header.times == 1 else f"{header.times} times"
    planes = "1 plane" if header.planes == 1 else f"{header.planes} planes"
    step = step if header.planes > 1 else ""
    return f"{header.pages} pages: {times} of {planes}{step}, says {header.told_by}"


def _planned(root: Path, entry: str, times: _Times, pages: str, step: float | None) -> _Entries:
    if is_film_name(entry):
        for number in range(min(probe_film(root / entry).frames or _PREVIEWED, _PREVIEWED)):
            yield _frame(entry, number, times.hours(number))
    elif is_stack_name(entry):
        header = _chosen(probe_stack(root / entry), pages)
        for page in range(min(header.pages, _PREVIEWED)):
            plane, time, channel = header.place(page)
            if channel == 0:
                yield _page_frame(entry, header, plane, time, times, step)
    else:
        yield RejectedFile(entry, _NO_FILM)


def _unpacked(
    root: Path, folder: Path, entry: str, times: _Times, pages: str, step: float | None
) -> _Entries:
    if not is_film_name(entry) and not is_stack_name(entry):
        yield RejectedFile(entry, _NO_FILM)
        return
    film, place = root / entry, folder / entry
    state = film.stat()
    identity = {"size": state.st_size, "modified_ns": state.st_mtime_ns}
    known = _record(place)
    if known and {name: known[name] for name in identity} != identity:
        yield RejectedFile(entry, "has changed since it was unpacked: rename it to import it as another")
        return
    place.mkdir(parents=True, exist_ok=True)
    try:
        if is_film_name(entry):
            yield from _film(film, place, entry, times, identity, known)
        else:
            yield from _stack(film, place, entry, (times, pages, step), identity, known)
    except ImageError:
        _remove_empty(place)
        raise


def _remove_empty(place: Path) -> None:
    """Takes the folder of a film away that gave no frame."""
    if not any(place.glob("*.png")):
        (place / RECORD).unlink(missing_ok=True)
        place.rmdir()


def _film(
    film: Path, place: Path, entry: str, times: _Times, identity: Mapping[str, int], known: Mapping[str, Any]
) -> _Entries:
    if known.get("frames"):
        for number in range(known["frames"]):
            yield _frame(entry, number, times.hours(number))
        return
    announced = probe_film(film).frames
    write_json(place / RECORD, {**identity, "frames": 0})
    numbers = count()
    for picture in film_frames(film):
        number = next(numbers)
        frame = _frame(entry, number, times.hours(number))
        _write(place, frame, picture)
        yield frame
    done = next(numbers)
    write_json(place / RECORD, {**identity, "frames": done})
    if done < announced - max(2, announced // 100):
        yield RejectedFile(entry, f"ends after {done} of {announced} frames: it is truncated or damaged")


def _stack(
    film: Path,
    place: Path,
    entry: str,
    said: tuple[_Times, str, float | None],
    identity: Mapping[str, int],
    known: Mapping[str, Any],
) -> _Entries:
    times, pages, step = said
    header = _chosen(probe_stack(film), pages)
    if not known:
        write_json(place / RECORD, {**identity, "frames": 0})
    for page, picture in enumerate(stack_pages(film)):
        plane, time, channel = header.place(page)
        if picture is None or channel:
            why = "a preview or of another size" if picture is None else f"channel {channel + 1}"
            yield RejectedFile(entry, f"page {page + 1} is {why}: left out")
            continue
        frame = _page_frame(entry, header, plane, time, times, step)
        _write(place, frame, picture)
        yield frame


def _write(place: Path, frame: ImportedFrame, picture: Pixels) -> None:
    target = place / frame.path.rpartition("/")[2]
    if not target.exists():
        write_whole(target, cv2.imencode(".png", picture, _PNG_SPEED)[1].tobytes())


def _frame(entry: str, number: int, hours: float | None) -> ImportedFrame:
    return ImportedFrame(f"{entry}/{number + 1:06d}.png", _embryo(entry), index=number + 1, hpi=hours)


def _page_frame(
    entry: str, header: StackHeader, plane: int, time: int, times: _Times, step: float | None
) -> ImportedFrame:
    distance = step or header.plane_step or 1.0
    height = round((plane - header.planes // 2) * distance) if header.planes > 1 else None
    name = f"{time + 1:06d}.png" if height is None else f"{time + 1:06d}_F{height}.png"
    hours = times.hours(time, header.hours_per_frame)
    return ImportedFrame(f"{entry}/{name}", _embryo(entry), plane=height, index=time + 1, hpi=hours)


def _embryo(entry: str) -> str:
    """The film's name without its ending, with its folders."""
    return re.sub(r"\.ome$", "", entry.rpartition(".")[0], flags=re.IGNORECASE)


def _chosen(header: StackHeader, pages: str) -> StackHeader:
    """The pages as a person says, else as the file does."""
    if pages == "recognised":
        return header
    planes, times = (header.pages, 1) if pages == "planes" else (1, header.pages)
    steps = (header.plane_step, header.hours_per_frame)
    return StackHeader(header.pages, planes, times, 1, "CZT", "you", *steps)


def _record(place: Path) -> dict[str, Any]:
    try:
        value = read_json(place / RECORD)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) and {"size", "modified_ns"} <= value.keys() else {}


def _pages(options: Mapping[str, Any]) -> str:
    pages = str(options.get("pages") or "recognised")
    if pages not in PAGES:
        raise UserError(f"pages is “{pages}”; use {', '.join(PAGES)}.")
    return pages


def _step(options: Mapping[str, Any]) -> float | None:
    return _number(options, "plane_step", least=0.1, most=1000)


def _times(options: Mapping[str, Any]) -> _Times:
    first = _number(options, "first_hpi", least=0, most=400)
    step = _number(options, "frame_hours", least=0.0001, most=100)
    if first is None and step is not None:
        raise UserError("frame_hours says nothing without first_hpi; give the hours of the first frame, too.")
    return _Times(first, step)


def _number(options: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    text = options.get(name)
    if text is None or text == "":
        return None
    try:
        value = float(str(text).replace(",", "."))
    except ValueError as error:
        raise UserError(f"{name} is “{text}”; write a number.") from error
    if not least <= value <= most:
        raise UserError(f"{name} is {value:g}; it must be from {least:g} to {most:g}.")
    return value
