"""Folders that are classes, not embryos: `Blastocyst/01433.png` is one still of one embryo.

Read as a folder an embryo, two classes of a hundred stills would be two embryos of a hundred moments: one of
them would go whole into training and the other into testing, and agreement would count two embryos.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.importers.files import NOT_AN_IMAGE, is_image_name, walk
from blasto_annotator.importers.folder import ENOUGH, GENERIC, LOOK_AT, NUMBERED, image_names, plain_name

_STAGES = (
    *(
        "zygote",
        "cleavage",
        "compaction",
        "morula",
        "morulae",
        "blastula",
        "blastocyst",
        "hatching",
        "hatched",
    ),
    *(
        "early blastocyst",
        "full blastocyst",
        "expanded blastocyst",
        "hatching blastocyst",
        "hatched blastocyst",
    ),
)
_QUALITIES = ("excellent", "good", "average", "fair", "poor", "bad", "arrested", "degenerate", "discard")
_CLASS = re.compile(r"(?:class|grade|stage|group|quality) ?\w{1,2}|\d[- ]?cells?|[1-6][a-d]{2}[+-]?|day ?\d")
_MANY, _SAMPLED = 20, 5000


@dataclass(frozen=True)
class StillsImporter:
    """Each image an embryo of its own; the folder's name is kept as the source's remark."""

    name: str = "stills"
    title: str = "Stills: each image an embryo, folders are classes"

    def can_read(self, path: Path) -> str | None:
        """Most images have only a number in a folder that is called as a stage or a quality."""
        names = list(islice(image_names(path), LOOK_AT))
        fitting = [name for name in names if _is_numbered_in_class(name)]
        if not names or len(fitting) < ENOUGH * len(names):
            return None
        classes = sorted({_classes(name)[0] for name in fitting})
        some = ", ".join(f"“{each}”" for each in classes[:3])
        return f"images are numbered in folders called as classes ({some}), so each is an embryo of its own"

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[ImportedFrame | RejectedFile]:
        """A still an image."""
        for entry in walk(path):
            if isinstance(entry, RejectedFile):
                yield entry
            elif is_image_name(entry):
                yield _still(entry)
            else:
                yield RejectedFile(entry, NOT_AN_IMAGE)


def gathered(root: Path) -> str:
    """What to say where names gather many images into embryos that may be classes; else nothing.

    Embryos are seldom called by a word without any digit.
    """
    frames = [plain_name(root, name) for name in islice(image_names(root), _SAMPLED)]
    counts = Counter(frame.embryo for frame in frames)
    named = not any(any(letter.isdigit() for letter in embryo) for embryo in counts)
    if not frames or root.name in counts or not named or min(counts.values()) < _MANY:
        return ""
    some = ", ".join(f"“{embryo}” ({number:,} images)" for embryo, number in counts.most_common(3))
    what = "one embryo" if len(counts) == 1 else f"{len(counts)} embryos"
    return (
        f"These images are read as {what}: {some}. If they are stills of many embryos, import them with the "
        "layout “stills”, before anything is graded."
    )


def _still(path: str) -> ImportedFrame:
    place = PurePosixPath(path)
    told = _classes(path) or [part for part in place.parts[:-1] if part.lower() not in GENERIC]
    return ImportedFrame(path, place.with_suffix("").as_posix(), remark="/".join(told))


def _is_numbered_in_class(path: str) -> bool:
    """Whether a name holds a number alone, or behind a word such as img, in folders of classes only."""
    place = PurePosixPath(path)
    classes = _classes(path)
    others = [part for part in place.parts[:-1] if part.lower() not in GENERIC and part not in classes]
    numbered = NUMBERED.fullmatch(place.stem)
    word = numbered["embryo"] if numbered else "" if place.stem.isdecimal() else None
    return bool(classes) and not others and word is not None and not any(map(str.isdigit, word))


def _classes(path: str) -> list[str]:
    return [part for part in PurePosixPath(path).parts[:-1] if _is_class(part)]


def _is_class(folder: str) -> bool:
    name = " ".join(re.split(r"[\s_]+", folder.casefold().strip()))
    known = (*_STAGES, *_QUALITIES)
    return name in known or name.removesuffix("s") in known or _CLASS.fullmatch(name) is not None
