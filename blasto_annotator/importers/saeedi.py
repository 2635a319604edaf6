"""Saeedi et al. 2017, IEEE Trans. Biomed. Eng. 64:2968: stills with masks of ICM, TE and zona.

```
Images/<stem>.BMP
GT_ICM/<stem> ICM_Mask.bmp    GT_TE/<stem> TE_Mask.bmp    GT_ZP/<stem> ZP_Mask.bmp
```

Stems hold spaces and dots, and their case differs between folders. The masks are no frames: they stay where
they are, beside the images, and `find_masks` and `read_mask` give them to whoever segments later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.importers.files import NOT_AN_IMAGE, is_image_name, readable_entries, walk

PARTS = ("ICM", "TE", "ZP")
"""What the masks show: inner cell mass, trophectoderm, zona pellucida."""
THRESHOLD = 127
"""Masks are stored with 8 or 24 bits; above this grey a pixel belongs to the part."""
_Entries = Iterator[ImportedFrame | RejectedFile]


@dataclass(frozen=True)
class SaeediImporter:
    """A folder Images with the folders of masks beside it."""

    name: str = "saeedi"
    title: str = "Saeedi et al. 2017, stills with masks of ICM, TE and zona"

    def can_read(self, path: Path) -> str | None:
        """A folder Images beside one of GT_ICM, GT_TE, GT_ZP."""
        folders = _folders(path)
        masks = [folders[f"gt_{part.lower()}"].name for part in PARTS if f"gt_{part.lower()}" in folders]
        if "images" not in folders or not masks:
            return None
        count = sum(is_image_name(entry.name) for entry in readable_entries(folders["images"])[1])
        return (
            f"{count:,} images in {folders['images'].name} and masks in {', '.join(masks)}" if count else None
        )

    def read(self, path: Path, options: Mapping[str, Any]) -> _Entries:
        """The images, an embryo each; masks without their image, and images without a mask, are said."""
        folders = _folders(path)
        if "images" not in folders:
            raise UserError(
                f"{path} has no folder Images; choose the folder that holds it, or another layout."
            )
        return _read(path, folders)

    def companions(self, path: Path) -> Iterator[str]:
        """Files that go with the frames where these are copied: the masks, relative to the folder."""
        for names in _mask_names(_folders(path)).values():
            yield from (file.relative_to(path).as_posix() for file in names.values())


def find_masks(root: Path, image: str) -> dict[str, Path]:
    """Part (`ICM`, `TE`, `ZP`) to the file of its mask, for a frame's path below the source's root."""
    stem = _key(PurePosixPath(image).name)
    found = {}
    for part, names in _mask_names(_folders(root)).items():
        if stem in names:
            found[part] = names[stem]
    return found


def read_mask(path: Path) -> NDArray[np.bool_]:
    """[H, W], True where the part is.

    Raises:
        ImageError (a UserError): missing, unreadable or damaged.
    """
    return np.asarray(decode_grey(path) > THRESHOLD)


def _folders(root: Path) -> dict[str, Path]:
    return {entry.name.casefold(): Path(entry.path) for entry in readable_entries(root)[0]}


def _mask_names(folders: Mapping[str, Path]) -> dict[str, dict[str, Path]]:
    """Part to (image's key to mask file)."""
    found: dict[str, dict[str, Path]] = {}
    for part in PARTS:
        folder = folders.get(f"gt_{part.lower()}")
        if folder is not None:
            ending = f" {part}_mask".casefold()
            names = {_key(entry.name): Path(entry.path) for entry in readable_entries(folder)[1]}
            found[part] = {n.removesuffix(ending): p for n, p in names.items() if n.endswith(ending)}
    return found


def _key(name: str) -> str:
    """A name without its ending, in one case, its spaces single: folders write it differently."""
    return " ".join(name.rpartition(".")[0].casefold().split())


def _read(root: Path, folders: Mapping[str, Path]) -> _Entries:
    masks, seen = _mask_names(folders), set()
    images = f"{folders['images'].name}/"
    for entry in walk(root):
        if isinstance(entry, RejectedFile):
            yield entry
        elif entry.startswith(images) and is_image_name(entry):
            name = PurePosixPath(entry).name
            seen.add(_key(name))
            yield ImportedFrame(entry, name.rpartition(".")[0])
        elif not entry.casefold().startswith("gt_") or not is_image_name(entry):
            yield RejectedFile(
                entry, NOT_AN_IMAGE if not is_image_name(entry) else "it lies beside the folder Images"
            )
    yield from _unpaired(root, masks, seen)


def _unpaired(root: Path, masks: Mapping[str, Mapping[str, Path]], seen: set[str]) -> Iterator[RejectedFile]:
    for part, names in masks.items():
        for stem in sorted(names.keys() - seen):
            path = names[stem].relative_to(root).as_posix()
            yield RejectedFile(path, f"a mask of {part} without its image")
        lacking = sorted(seen - names.keys())
        if lacking:
            few = ", ".join(lacking[:3]) + (", ..." if len(lacking) > 3 else "")
            yield RejectedFile(f"GT_{part}", f"no mask for {few}: the image is a frame all the same")
