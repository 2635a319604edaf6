"""A plain folder of images, its names read by a pattern, by a preset, or by common sense."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.importers.files import NOT_AN_IMAGE, is_image_name, walk
from blasto_annotator.importers.patterns import compile_pattern, load_preset, read_name

LOOK_AT = 200
"""Image names read to recognise a layout."""
ENOUGH = 0.8
"""Share of them that must fit."""
GENERIC = frozenset(
    ("images", "image", "frames", "train", "val", "test", "good", "average", "fair", "poor", "data")
)
"""Folder names that say nothing of the embryo."""
NUMBERED = re.compile(r"(?P<embryo>.*?)[_\-. ]+(?:RUN|T|F)?(?P<frame>\d+)", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"(\d+)\D*$")

_Reader = Callable[[str], ImportedFrame | RejectedFile]


@dataclass(frozen=True)
class FolderImporter:
    """Any folder of images. Options: `pattern` (regular expression) or `preset` (a shipped one's name)."""

    name: str = "folder"
    title: str = "Folder of images"

    def can_read(self, path: Path) -> str | None:
        """A folder with an image below it."""
        first = next(image_names(path), None)
        return None if first is None else f"it holds images, such as {first}"

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[ImportedFrame | RejectedFile]:
        """Frames by pattern; without one, an embryo a folder, or a name without its last number.

        Raises:
            UserError: the pattern cannot be used, or there is no such preset.
        """
        return _read(path, _reader(path, options))


@dataclass(frozen=True)
class PresetImporter:
    """A layout that a shipped pattern describes."""

    name: str
    title: str

    def can_read(self, path: Path) -> str | None:
        """Most of the first image names fit the pattern."""
        preset = load_preset(self.name)
        reader = _by_pattern(path, preset.pattern)
        names = list(islice(image_names(path), LOOK_AT))
        fitting = sum(isinstance(reader(name), ImportedFrame) for name in names)
        if not names or fitting < ENOUGH * len(names):
            return None
        return f"{fitting} of the first {len(names)} image names look like {preset.example}"

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[ImportedFrame | RejectedFile]:
        """Frames by the preset's pattern."""
        return _read(path, _by_pattern(path, load_preset(self.name).pattern))


def _read(root: Path, reader: _Reader) -> Iterator[ImportedFrame | RejectedFile]:
    for entry in walk(root):
        if isinstance(entry, RejectedFile):
            yield entry
        elif is_image_name(entry):
            yield reader(entry)
        else:
            yield RejectedFile(entry, NOT_AN_IMAGE)


def image_names(root: Path) -> Iterator[str]:
    """Paths of images below a folder."""
    return (entry for entry in walk(root) if isinstance(entry, str) and is_image_name(entry))


def _reader(root: Path, options: Mapping[str, Any]) -> _Reader:
    if options.get("pattern"):
        return _by_pattern(root, str(options["pattern"]))
    if options.get("preset"):
        return _by_pattern(root, load_preset(str(options["preset"])).pattern)
    return lambda path: plain_name(root, path)


def _by_pattern(root: Path, text: str) -> _Reader:
    pattern = compile_pattern(text)
    return lambda path: read_name(pattern, root.name, path)


def plain_name(root: Path, path: str) -> ImportedFrame:
    """`emb1/007.png` and `emb1_007.png` are frame 7 of emb1; `still.png` is an embryo of its own."""
    place = PurePosixPath(path)
    folders = [part for part in place.parts[:-1] if part.lower() not in GENERIC]
    number = _LAST_NUMBER.search(place.stem)
    if folders:
        return ImportedFrame(path, "/".join(folders), index=int(number[1]) if number else None)
    named = NUMBERED.fullmatch(place.stem)
    if named and named["embryo"]:
        return ImportedFrame(path, named["embryo"], index=int(named["frame"]))
    alone = place.stem.isdecimal() and root.name.lower() not in GENERIC
    if alone and number:  # the folder of one embryo's numbered frames
        return ImportedFrame(path, root.name, index=int(number[1]))
    return ImportedFrame(path, place.stem)
