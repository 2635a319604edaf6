"""The table of verdicts that a scorer is trained on, with its images."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from gan.contract.errors import UserError
from gan.contract.scorer_folder import VERDICT_COLUMNS
from gan.data.decode import Pixels, decode, image_size

SIDE = 64
"""Pixels a side of what the scorer sees."""
UNKNOWN = -1
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Verdicts:
    """Images with what an expert said of them; N rows of generated images and real frames."""

    images: Tensor
    """[N, 1, 64, 64] in [-1, 1]."""
    labels: Numbers
    """Class indices [N]: what each image was generated as, or is."""
    perfect: Numbers
    """[N]: 1, 0, or UNKNOWN where the expert said nothing of it."""
    right_class: Numbers
    """[N]: 1 or 0."""
    batches: tuple[str, ...]
    """Empty for a real frame."""
    embryos: tuple[str, ...]
    classes: tuple[str, ...]
    sizes: tuple[int, ...]
    """Pixels a side of each image's file."""
    sha256: str
    """Of the table's file."""

    @property
    def generated(self) -> npt.NDArray[np.bool_]:
        """Which rows [N] are verdicts on generated images."""
        return np.array([bool(batch) for batch in self.batches], dtype=bool)

    def __len__(self) -> int:
        return len(self.labels)


def prepared(images: Pixels) -> Tensor:
    """Images [N, C, H, W] (0 to 255) as grey [N, 1, 64, 64] in [-1, 1], antialiased."""
    return looked_at(torch.from_numpy(np.array(images)).float() / 127.5 - 1)


def looked_at(images: Tensor) -> Tensor:
    """Images [N, C, H, W] in [-1, 1] as the scorer sees them: grey [N, 1, 64, 64]; differentiable."""
    grey = images.mean(1, keepdim=True)
    if grey.shape[2:] == (SIDE, SIDE):
        return grey
    return F.interpolate(grey, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)


def read_verdicts(path: Path) -> Verdicts:
    """Reads the table and every image that it names.

    Raises:
        UserError: the table or an image cannot be read, or a row does not say what it must.
    """
    content, rows = _rows(path)
    labels = [_number(path, row, "class_index") for row in rows]
    perfect = [UNKNOWN if row["perfect"] == "" else _number(path, row, "perfect", 1) for row in rows]
    pictures = [_image(path, row) for row in rows]
    return Verdicts(
        images=torch.cat([prepared(picture[None]) for picture in pictures]),
        labels=np.array(labels, np.int64),
        perfect=np.array(perfect, np.int64),
        right_class=np.array([_number(path, row, "right_class", 1) for row in rows], np.int64),
        batches=tuple(row["batch"] for row in rows),
        embryos=tuple(row["embryo"] for row in rows),
        classes=_classes(path, rows, labels),
        sizes=tuple(picture.shape[-1] for picture in pictures),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _rows(path: Path) -> tuple[bytes, list[dict[str, str]]]:
    try:
        content = path.read_bytes()
        reader = csv.DictReader(content.decode("utf-8-sig").splitlines())
        rows = [{name: value or "" for name, value in row.items() if name} for row in reader]
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is no text in UTF-8: save the table of verdicts as CSV UTF-8.") from error
    except (OSError, csv.Error) as error:
        why = error.strerror.lower() if isinstance(error, OSError) and error.strerror else error
        raise UserError(f"{path} cannot be read as a table of verdicts ({why}).") from error
    missing = [name for name in VERDICT_COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise UserError(f"{path} has no column {missing[0]}; it needs {', '.join(VERDICT_COLUMNS)}.")
    if not rows:
        raise UserError(f"{path} holds no verdict: review a batch first.")
    return content, rows


def _number(path: Path, row: Mapping[str, str], name: str, most: int = 10_000) -> int:
    text = row[name]
    if not text.isdecimal() or int(text) > most:
        raise UserError(f"{path} says {name} {text!r} of {row['image']}: give a number from 0 to {most}.")
    return int(text)


def _classes(path: Path, rows: Sequence[Mapping[str, str]], labels: Sequence[int]) -> tuple[str, ...]:
    names: dict[int, str] = {}
    for row, label in zip(rows, labels, strict=True):
        if names.setdefault(label, row["class_name"]) != row["class_name"]:
            raise UserError(f"{path} calls class {label} both {names[label]!r} and {row['class_name']!r}.")
    return tuple(names.get(index, "") for index in range(max(labels) + 1))


def _image(path: Path, row: Mapping[str, str]) -> Pixels:
    """Grey [1, H, W], 0 to 255."""
    file = path.parent / row["image"]
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}): take it out of {path}.") from error
    if row["sha256"] and hashlib.sha256(content).hexdigest() != row["sha256"]:
        raise UserError(f"{file} is not the image that was judged: take it out of {path}.")
    width, height, _ = image_size(content, str(file))
    if width != height:
        raise UserError(f"{file} is {width}x{height}, but generated images are square.")
    return decode(content, str(file), width, 1)
