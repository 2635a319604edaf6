"""What a data set holds: its images' names, their labels and weights."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gan.contract.errors import UserError
from gan.data.source import DESCRIPTION, IMAGE_ENDINGS, Source


@dataclass(frozen=True)
class Listing:
    """A data set's images in the order of their names."""

    names: tuple[str, ...]
    labels: tuple[int, ...] | None
    """Class indices from 0, or None where the data set has none."""
    weights: tuple[float, ...] | None
    """How often each image is shown relative to the others (greater than 0), or None: all alike."""
    classes: tuple[str, ...]
    """Class names where `dataset.json` tells them."""


def read_listing(source: Source) -> Listing:
    """Lists the images and reads `dataset.json` where there is one.

    `dataset.json` is `{"labels": [[name, index], ...] or null}` as the StyleGAN tools write it (a one-hot
    list serves as an index); `classes` (names) and `weights` (`[[name, weight], ...]`) are ours and optional.
    Its names start at its own folder: a data set may have been packed with the folder around it.

    Raises:
        UserError: no image, or `dataset.json` cannot be read or does not fit the images.
    """
    files = source.names()
    names = tuple(name for name in files if _is_image(name))
    if not names:
        raise UserError(f"{source.path} holds no images: choose a folder or zip file with PNG images.")
    inside = _description_place(source, files)
    place = source.path / inside
    value = _description(source, inside) if inside in files else {}
    around = inside.removesuffix(DESCRIPTION)
    labels = _by_name(value.get("labels"), names, place, "label", around)
    weights = _by_name(value.get("weights"), names, place, "weight", around)
    classes = tuple(str(name) for name in value.get("classes") or ())
    return Listing(names, _checked_labels(labels, names, place), _checked_weights(weights, place), classes)


def require_labels(listing: Listing, source: Source, classes: tuple[str, ...]) -> tuple[int, ...]:
    """The labels, each an index into `classes`; zeros when `classes` is empty.

    Raises:
        UserError: labels are absent or name a class that is not there.
    """
    if not classes:
        return (0,) * len(listing.names)
    if listing.labels is None:
        raise UserError(
            f"{source.path} has no labels for the classes {', '.join(classes)}: "
            f"add them to its {DESCRIPTION}, or train without classes."
        )
    for name, label in zip(listing.names, listing.labels, strict=True):
        if label >= len(classes):
            raise UserError(
                f"{source.path / DESCRIPTION} gives {name} the label {label}, but there are only "
                f"{len(classes)} classes (0 to {len(classes) - 1})."
            )
    return listing.labels


def _is_image(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in IMAGE_ENDINGS and not hidden


def _description_place(source: Source, files: list[str]) -> str:
    """At the top, else the only one in a subfolder."""
    if DESCRIPTION in files:
        return DESCRIPTION
    nested = [name for name in files if name.endswith(f"/{DESCRIPTION}") and not name.startswith("__MACOSX/")]
    if len(nested) > 1:
        raise UserError(
            f"{source.path} holds several data sets ({', '.join(nested[:3])}): choose one of their folders."
        )
    return nested[0] if nested else DESCRIPTION


def _description(source: Source, name: str) -> Mapping[str, Any]:
    place = source.path / name
    try:
        value = json.loads(source.read(name).decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UserError(f"{place} cannot be read ({error}): write the data set again.") from error
    if not isinstance(value, Mapping):
        raise UserError(f'{place} is not a list of labels: it should say {{"labels": [[name, index], ...]}}.')
    return value


def _by_name(
    pairs: Any, names: tuple[str, ...], place: Path, what: str, around: str
) -> tuple[Any, ...] | None:
    if pairs is None:
        return None
    try:
        given = {around + str(name).replace("\\", "/"): value for name, value in pairs}
    except (TypeError, ValueError) as error:
        raise UserError(f"{place} lists its {what}s in another form than [[name, {what}], ...].") from error
    absent = set(given) - set(names)
    if absent:
        raise UserError(f"{place} gives a {what} to {min(absent)}, but there is no such image.")
    for name in names:
        if name not in given:
            raise UserError(f"{place} has no {what} for {name}: add it, or take the image out.")
    return tuple(given[name] for name in names)


def _checked_labels(
    labels: tuple[Any, ...] | None, names: tuple[str, ...], place: Path
) -> tuple[int, ...] | None:
    if labels is None:
        return None
    found = tuple(_index(label) for label in labels)
    for name, label, index in zip(names, labels, found, strict=True):
        if index is None:
            raise UserError(
                f"{place} gives {name} the label {str(label)[:80]}: labels are whole numbers from 0, "
                "or lists of zeros with a single one."
            )
    return tuple(index for index in found if index is not None)


def _index(label: Any) -> int | None:
    """A class's index from a whole number (2.0 too) or a one-hot list; None for anything else."""
    if isinstance(label, list):
        rest = [value for value in label if value != 0]
        return label.index(1) if rest == [1] and not any(isinstance(v, bool) for v in label) else None
    if isinstance(label, bool) or not isinstance(label, (int, float)) or label < 0 or label != label // 1:
        return None
    return int(label)


def _checked_weights(weights: tuple[Any, ...] | None, place: Path) -> tuple[float, ...] | None:
    for weight in weights or ():
        number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not number or not math.isfinite(weight) or weight <= 0:
            raise UserError(f"{place} has the weight {weight!r}: weights are numbers greater than 0.")
    return None if weights is None else tuple(float(weight) for weight in weights)
