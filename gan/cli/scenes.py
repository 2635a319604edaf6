"""Interpolations, style mixing and truncation sweeps: each as a picture and as a video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from gan.cli.films import require_ending, write_film
from gan.cli.pictures import AT_ONCE, Taken, from_w, listed, with_w
from gan.cli.walks import At, Mixing, Times, Walk, lerp, slerp
from gan.contract.errors import UserError
from gan.contract.provenance import provenance
from gan.data.decode import Pixels
from gan.data.pictures import tile, to_pixels, write_png
from gan.training.latents import latents

ARRANGEMENT = "blasto:arrangement"
EMPTY = -1
GREY = 128


@dataclass(frozen=True)
class Asked:
    """What every scene is made from."""

    taken: Taken
    seeds: list[int]
    classes: list[int]
    """Indices; [0] without classes."""
    steps: int
    """Pictures from a key to the next, on paper."""
    frames: int
    """From a key to the next, in a video."""
    closed: bool
    """Back to the first key at the end."""


@dataclass(frozen=True)
class Sheet:
    """How pictures lie side by side."""

    cells: tuple[int, ...]
    """Which picture lies in each place, row by row, or `EMPTY`."""
    columns: int


@dataclass(frozen=True)
class Scene:
    """Pictures that belong together."""

    w: torch.Tensor
    """Of the pictures on paper [N, num_ws, w_dim]."""
    paper: Sheet
    at: At
    """A moment to w of a frame's pictures."""
    frame: Sheet
    times: Times
    """The video's moments; empty where nothing moves."""
    text: dict[str, str]
    """Provenance."""


def interpolation(asked: Asked, space: str) -> Scene:
    """From seed to seed in each class (`space` is z or w), or from class to class with each seed (`class`).

    Raises:
        UserError: there are not two to go between, or the family has no w.
    """
    walk, what = _interpolating(asked, space)
    if len(walk.keys) < 2:
        raise UserError(f"An interpolation needs two {'classes' if space == 'class' else 'seeds'} or more.")
    if space == "class":
        w = torch.stack([walk.at(moment) for moment in walk.times(asked.steps)])
        columns = len(w)
    else:
        legs = [
            walk.at(leg + step / asked.steps) for leg in range(walk.legs) for step in range(asked.steps + 1)
        ]
        w, columns = torch.stack(legs), asked.steps + 1
    ends = "closed" if asked.closed else "open"
    return _walked(asked, walk, w, columns, f"interpolation {what}, {ends}")


def sweep(asked: Asked, truncations: list[float]) -> Scene:
    """Each seed in each class at each truncation.

    Raises:
        UserError: the family has no w.
    """
    keys = torch.stack([_mapped(asked, psi).flatten(0, 1) for psi in truncations])
    walk = Walk(keys, lerp, closed=asked.closed)
    said = ", ".join(f"{psi:g}" for psi in truncations)
    scene = _walked(asked, walk, keys, len(truncations), "truncation sweep")
    return replace(scene, text={**scene.text, "blasto:truncation": said})


def mixing(asked: Asked, columns: list[int], layers: list[int] | None) -> Scene:
    """Each seed's style with that of each column in some layers (None: the coarser half); a block of rows
    for each class.

    Raises:
        UserError: the family has no w or not so many layers.
    """
    layer_count = with_w(asked.taken).w_shape[0]
    layers = list(range(layer_count // 2)) if layers is None else layers
    if max(layers) >= layer_count:
        raise UserError(f"The network has the layers 0-{layer_count - 1}: there is no layer {max(layers)}.")
    rows, tops = _mapped(asked), _mapped(replace(asked, seeds=columns))
    blocks = [Mixing(rows[:, n], tops[:, n], tuple(layers)) for n in range(len(asked.classes))]

    def at(moment: float) -> torch.Tensor:
        return torch.cat([block.at(moment) for block in blocks])

    sheet = Sheet(_mixing_cells(len(rows), len(tops), len(blocks)), 1 + len(tops))
    times = np.arange(asked.frames * len(tops)) / asked.frames if len(tops) > 1 else np.zeros(0)
    given = listed([str(seed) for seed in columns])
    what = f"style mixing: rows, with the columns {given} in the layers {', '.join(map(str, layers))}"
    return Scene(at(0.0), sheet, at, sheet, times, _text(asked, what))


def write_scene(
    taken: Taken, scene: Scene, grid: Path | None, video: Path | None, fps: float
) -> dict[str, str | int]:
    """Writes the picture and the video; returns what was written.

    Raises:
        UserError: something cannot be written, or nothing in it moves.
    """
    written: dict[str, str | int] = {"images": sum(cell != EMPTY for cell in scene.paper.cells)}
    if video is not None:
        require_ending(video)
        if len(scene.times) == 0:
            raise UserError("Nothing in this video would move: give two columns or more.")
    torch.manual_seed(0)  # random noise is the same each time
    try:
        if grid is not None:
            grid.parent.mkdir(parents=True, exist_ok=True)
            pictures = np.concatenate([to_pixels(part) for part in from_w(taken, scene.w)])
            write_png(grid, laid_out(pictures, scene.paper), scene.text)
            written["grid"] = str(grid)
        if video is not None:
            written["frames"] = write_film(video, film(taken, scene), fps, scene.text)
            written["video"] = str(video)
    except OSError as error:
        raise UserError(
            f"{error.filename or 'The pictures'} cannot be written: {error.strerror or error}."
        ) from error
    return written


def film(taken: Taken, scene: Scene) -> Iterator[Pixels]:
    """The video's frames [C, H, W], a few at a time."""
    cells = len(set(scene.frame.cells) - {EMPTY})
    together = max(AT_ONCE // cells, 1)
    for start in range(0, len(scene.times), together):
        moments = scene.times[start : start + together]
        w = torch.cat([scene.at(float(moment)) for moment in moments])
        pixels = np.concatenate([to_pixels(part) for part in from_w(taken, w)])
        for frame in pixels.reshape(len(moments), cells, *pixels.shape[1:]):
            yield laid_out(frame, scene.frame)


def laid_out(pictures: Pixels, sheet: Sheet) -> Pixels:
    """Pictures [N, C, H, W] in their places: [C, rows * H, columns * W]; empty ones are grey."""
    with_empty = np.concatenate([pictures, np.full((1, *pictures.shape[1:]), GREY, np.uint8)])
    return tile(with_empty[list(sheet.cells)], sheet.columns)  # EMPTY is the last one


def _interpolating(asked: Asked, space: str) -> tuple[Walk, str]:
    taken, classes = asked.taken, asked.classes
    if space == "class":
        walk = Walk(_mapped(asked).transpose(0, 1), lerp, closed=asked.closed)
        return walk, "from class to class with each seed, straight in w"
    if space == "w":
        return Walk(_mapped(asked), lerp, closed=asked.closed), "from seed to seed, straight in w"
    z = latents(asked.seeds, taken.network.family.z_dim)
    tracks = z[:, None].expand(-1, len(classes), -1)
    to_w = partial(_to_w, taken, torch.tensor(classes))
    return Walk(tracks, slerp, to_w, asked.closed), "from seed to seed, on the great circle in z"


def _walked(asked: Asked, walk: Walk, w: torch.Tensor, columns: int, what: str) -> Scene:
    """On paper a row for each track (and leg); in the video the tracks side by side."""
    tracks = w.shape[1]
    side = int(np.ceil(np.sqrt(tracks))) if tracks > 4 else tracks
    cells = (*range(tracks), *[EMPTY] * (-tracks % side))
    paper = Sheet(tuple(range(len(w) * tracks)), columns)
    times = walk.times(asked.frames)
    return Scene(
        w.transpose(0, 1).flatten(0, 1), paper, walk.at, Sheet(cells, side), times, _text(asked, what)
    )


def _mixing_cells(rows: int, columns: int, blocks: int) -> tuple[int, ...]:
    size = columns + rows * (1 + columns)
    cells: list[int] = []
    for block in range(blocks):
        cells += [EMPTY, *range(block * size, (block + 1) * size)]
    return tuple(cells)


def _mapped(asked: Asked, truncation: float | None = None) -> torch.Tensor:
    """w of each seed in each class [seeds, classes, num_ws, w_dim], on the CPU."""
    psi = asked.taken.truncation if truncation is None else truncation
    z = latents(asked.seeds, asked.taken.network.family.z_dim)
    each = [_to_w(asked.taken, torch.tensor([index]).expand(len(z)), z, psi) for index in asked.classes]
    return torch.stack(each, dim=1)


def _to_w(taken: Taken, labels: torch.Tensor, z: torch.Tensor, psi: float | None = None) -> torch.Tensor:
    truncation = taken.truncation if psi is None else psi
    device = taken.network.device
    return with_w(taken).map_w(z.to(device), labels.to(device), truncation).float().cpu()


def _text(asked: Asked, what: str) -> dict[str, str]:
    taken = asked.taken
    names = [taken.network.classes[index] for index in asked.classes] if taken.network.classes else []
    seeds = listed([str(seed) for seed in asked.seeds])
    said = provenance(taken.network.description, seeds, ", ".join(names), taken.truncation, taken.noise)
    return {**said, ARRANGEMENT: what}
