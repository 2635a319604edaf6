"""What `generate` makes and where it goes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch

from gan.cli.npz import read_arrays, write_arrays
from gan.contract.errors import UserError
from gan.contract.provenance import provenance
from gan.data.decode import Pixels
from gan.data.pictures import tile, to_pixels, write_png
from gan.training.latents import latents
from gan.training.networks import Network, open_network

if TYPE_CHECKING:
    from gan.cli.choosing import Choice

AT_ONCE = 16
"""Pictures made together."""
FloatImages = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Taken:
    """A network and how it is asked."""

    network: Network
    truncation: float
    noise: str


@dataclass(frozen=True)
class Wanted:
    """Pictures to make, in order."""

    names: tuple[str, ...]
    """What stands for the seed in names and provenance."""
    labels: tuple[int, ...]
    z: torch.Tensor | None
    """[N, z_dim], or None where `w` is given."""
    w: torch.Tensor | None = None
    """[N, num_ws, w_dim]."""


@dataclass(frozen=True)
class Targets:
    """Where pictures go."""

    out: Path | None
    grid: Path | None
    npz: Path | None
    batch_dir: Path | None
    per_class: int
    first_seed: int
    run: str
    choice: Choice | None = None
    """By the expert scorer."""


@runtime_checkable
class HasW(Protocol):
    """A family with intermediate latents."""

    @property
    def w_shape(self) -> tuple[int, int]:
        """Layers and length of an intermediate latent."""

    def map_w(self, z: torch.Tensor, labels: torch.Tensor, truncation: float) -> torch.Tensor:
        """w [N, num_ws, w_dim] from latents z [N, z_dim] and class indices [N]."""

    def sample_w(self, w: torch.Tensor, noise: str) -> torch.Tensor:
        """Images from intermediate latents w [N, num_ws, w_dim]."""


def with_w(taken: Taken) -> HasW:
    """The family, where it has intermediate latents.

    Raises:
        UserError: it has none.
    """
    if not isinstance(taken.network.family, HasW):
        raise UserError(f"The family {taken.network.description['family']} has no intermediate latents w.")
    return taken.network.family


def take_up(path: Path, device: str, truncation: float, noise: str) -> Taken:
    """Opens the network.

    Raises:
        UserError: it cannot be read.
    """
    return Taken(open_network(path, device), truncation, noise)


def from_seeds(taken: Taken, seeds: list[int], class_name: str | None) -> Wanted:
    """Each seed in the class, or in every class."""
    classes = classes_of(taken, class_name)
    pairs = [(seed, index) for index in classes for seed in seeds]
    return seeded(taken, pairs)


def each_class(taken: Taken, per_class: int, first: int, class_name: str | None) -> Wanted:
    """`per_class` pictures of each class; no seed is used twice, so no two classes share a latent."""
    classes = classes_of(taken, class_name)
    last = first + per_class * len(classes)
    if last > 2**32:
        raise UserError(f"From seed {first} on there are not {last - first} seeds left: start lower.")
    pairs = [
        (first + place * per_class + n, index)
        for place, index in enumerate(classes)
        for n in range(per_class)
    ]
    return seeded(taken, pairs)


def from_latents(taken: Taken, path: Path, class_name: str | None) -> Wanted:
    """Latents from an NPZ file; its labels, where it has any and the class is not named."""
    arrays = read_arrays(path, ("z",))
    z = _shaped(path, "z", arrays["z"], (taken.network.family.z_dim,))
    labels = (
        [class_index(taken, class_name)] * len(z) if class_name else _file_labels(taken, path, arrays, len(z))
    )
    return Wanted(tuple(f"z{n}" for n in range(len(z))), tuple(labels), z)


def from_projected(taken: Taken, path: Path) -> Wanted:
    """Intermediate latents from an NPZ file; the class is in them already."""
    w = _shaped(path, "w", read_arrays(path, ("w",))["w"], with_w(taken).w_shape)
    return Wanted(tuple(f"w{n}" for n in range(len(w))), (0,) * len(w), None, w)


def classes_of(taken: Taken, name: str | None) -> list[int]:
    """The class called so, or every class; [0] without classes.

    Raises:
        UserError: the network has no such class.
    """
    return [class_index(taken, name)] if name else list(range(max(len(taken.network.classes), 1)))


def class_index(taken: Taken, name: str) -> int:
    """A class by its name or number.

    Raises:
        UserError: the network has no such class.
    """
    classes = taken.network.classes
    if name in classes:
        return classes.index(name)
    if name.isdecimal() and int(name) < len(classes):
        return int(name)
    known = f"it has {', '.join(classes)}" if classes else "it was trained without classes"
    raise UserError(f"The network has no class {name!r}: {known}.")


def write(taken: Taken, wanted: Wanted, targets: Targets) -> dict[str, Any]:
    """Makes the pictures and writes them to every target; returns what was written.

    Raises:
        UserError: something cannot be written.
    """
    written: dict[str, Any] = {"images": len(wanted.names)}
    if targets.choice is not None:
        written["scorer"] = dict(targets.choice.facts)
    try:
        if targets.batch_dir is not None:
            from gan.cli.batches import write_batch_folder

            write_batch_folder(taken, wanted, targets)
            written["batch"] = str(targets.batch_dir)
        if (targets.out, targets.grid, targets.npz) != (None, None, None):
            _write_others(taken, wanted, targets, written)
    except OSError as error:
        raise UserError(
            f"{error.filename or 'The pictures'} cannot be written: {error.strerror or error}."
        ) from error
    return written


def made(taken: Taken, wanted: Wanted) -> Iterator[FloatImages]:
    """The pictures [n, C, H, W], a few at a time, in order; random noise is the same each time."""
    torch.manual_seed(0)
    if wanted.z is not None:
        labels = torch.tensor(wanted.labels, dtype=torch.int64)
        for part in taken.network.images(wanted.z, labels, taken.truncation, taken.noise):
            yield part.numpy()
        return
    assert wanted.w is not None  # noqa: S101 - one of the two is there by construction
    yield from from_w(taken, wanted.w)


def from_w(taken: Taken, w: torch.Tensor) -> Iterator[FloatImages]:
    """Pictures [n, C, H, W] from intermediate latents w [N, num_ws, w_dim], a few at a time, in order.

    Raises:
        UserError: the family has none.
    """
    family = with_w(taken)
    for start in range(0, len(w), AT_ONCE):
        part = w[start : start + AT_ONCE].to(taken.network.device)
        yield family.sample_w(part, taken.noise).float().cpu().numpy()


def text_of(taken: Taken, wanted: Wanted, number: int) -> dict[str, str]:
    """The picture's provenance."""
    classes = taken.network.classes
    name = classes[wanted.labels[number]] if classes and wanted.w is None else ""
    return provenance(taken.network.description, wanted.names[number], name, taken.truncation, taken.noise)


def _write_others(taken: Taken, wanted: Wanted, targets: Targets, written: dict[str, Any]) -> None:
    kept: list[FloatImages] = []
    number = 0
    for part in made(taken, wanted):
        if targets.out is not None:
            _write_pictures(targets.out, to_pixels(part), taken, wanted, number)
        if targets.grid is not None or targets.npz is not None:
            kept.append(part)
        number += len(part)
    if targets.out is not None:
        written["out"] = str(targets.out)
    if targets.npz is not None:
        write_arrays(targets.npz, images=np.concatenate(kept))
        written["npz"] = str(targets.npz)
    if targets.grid is not None:
        _write_grid(targets.grid, to_pixels(np.concatenate(kept)), taken, wanted)
        written["grid"] = str(targets.grid)


def _write_pictures(folder: Path, pixels: Pixels, taken: Taken, wanted: Wanted, first: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    classes = file_names(taken.network.classes) if len(set(wanted.labels)) > 1 else ()
    for place, picture in enumerate(pixels):
        number = first + place
        name = wanted.names[number]
        seed = f"seed{int(name):04d}" if name.isdecimal() else name
        ending = f"-{classes[wanted.labels[number]]}" if classes else ""
        write_png(folder / f"{seed}{ending}.png", picture, text_of(taken, wanted, number))


def file_names(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Class names as parts of file names, each its own."""
    plain = tuple("".join(letter if letter.isalnum() else "_" for letter in name) for name in classes)
    if len({name.casefold() for name in plain}) == len(plain):
        return plain
    return tuple(f"{index}-{name}" for index, name in enumerate(plain))


def _write_grid(path: Path, pixels: Pixels, taken: Taken, wanted: Wanted) -> None:
    columns = int(np.ceil(np.sqrt(len(pixels))))
    missing = -len(pixels) % columns
    filled = np.concatenate([pixels, np.full((missing, *pixels.shape[1:]), 128, np.uint8)])
    path.parent.mkdir(parents=True, exist_ok=True)
    classes = ", ".join(taken.network.classes)
    seeds = listed(wanted.names)
    text = provenance(taken.network.description, seeds, classes, taken.truncation, taken.noise)
    write_png(path, tile(filled, columns), text)


def listed(names: Sequence[str]) -> str:
    """What stands for several seeds in a provenance: the list, or its hash where it is long."""
    text = ", ".join(dict.fromkeys(names))
    return text if len(text) < 200 else f"sha256 of the list: {hashlib.sha256(text.encode()).hexdigest()}"


def seeded(taken: Taken, pairs: list[tuple[int, int]]) -> Wanted:
    """Pictures of (seed, class) pairs, in their order."""
    z = latents([seed for seed, _ in pairs], taken.network.family.z_dim)
    return Wanted(tuple(str(seed) for seed, _ in pairs), tuple(index for _, index in pairs), z)


def _shaped(path: Path, name: str, values: npt.NDArray[np.generic], shape: tuple[int, ...]) -> torch.Tensor:
    if values.ndim != len(shape) + 1 or values.shape[1:] != shape or len(values) == 0:
        wanted = ", ".join(str(n) for n in shape)
        raise UserError(
            f"{path} has {name} of the shape {values.shape}, but the network takes [N, {wanted}]."
        )
    if values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise UserError(f"{path} has {name} that are not all finite real numbers.")
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _file_labels(
    taken: Taken, path: Path, arrays: dict[str, npt.NDArray[np.generic]], count: int
) -> list[int]:
    classes = len(taken.network.classes)
    if classes == 0:
        return [0] * count
    if "c" not in arrays:
        raise UserError(f"{path} has no labels c [N, {classes}]: add them, or name a class with --class.")
    c = arrays["c"]
    if c.shape != (count, classes):
        raise UserError(f"{path} has c of the shape {c.shape}, but the network takes [{count}, {classes}].")
    if c.dtype.kind not in "fiub":
        raise UserError(f"{path} has c that are not numbers: one-hot rows say the class.")
    return [int(index) for index in np.asarray(c, np.float64).argmax(1)]
