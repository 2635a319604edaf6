"""`generate`: pictures from a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan.cli.seeds import check_truncation, parse_layers, parse_seeds, parse_truncations

if TYPE_CHECKING:
    from gan.cli.pictures import Taken, Targets, Wanted


class NoiseMode(StrEnum):
    """What the synthesis network's noise inputs get."""

    CONST = "const"
    NONE = "none"
    RANDOM = "random"


class Space(StrEnum):
    """Where an interpolation runs."""

    Z = "z"
    W = "w"
    CLASS = "class"


def _scene(text: str, flag: str | None = None, **more: Any) -> Any:
    """An option of pictures that belong together."""
    names = () if flag is None else (flag,)
    return typer.Option(*names, help=text, rich_help_panel="Interpolation, style mixing, sweeps", **more)


def _bar(text: str, **more: Any) -> Any:
    """An option of the expert scorer."""
    return typer.Option(help=text, rich_help_panel="Expert scorer", **more)


NetworkPath = Annotated[Path, typer.Option(help="Checkpoint, run folder or converted .safetensors file.")]
Seeds = Annotated[str | None, typer.Option(help="Which pictures, such as 0-31,100.")]
ClassName = Annotated[str | None, typer.Option("--class", help="Class by name or number; else every class.")]
PerClass = Annotated[int | None, typer.Option(help="So many of each class instead of --seeds.", min=1)]
FirstSeed = Annotated[int, typer.Option("--first-seed", "--seed", help="First seed with --per-class.", min=0)]
ZFile = Annotated[Path | None, typer.Option(help="NPZ with z [N, z_dim] and, with classes, c [N, c_dim].")]
NpzFile = Annotated[
    Path | None, typer.Option(help="NPZ with float32 images [N, C, H, W] in [-1, 1], before rounding.")
]
BatchFolder = Annotated[Path | None, typer.Option(help="A generated batch for review (needs --per-class).")]
Interpolate = Annotated[
    Space | None, _scene("From seed to seed in z or w, or from class to class with each seed.")
]
MixWith = Annotated[str | None, _scene("Style mixing: the columns' seeds; --seeds are the rows.")]
Layers = Annotated[
    str | None, _scene("Layers of w that the columns give, such as 0-6; else the coarser half.")
]
Video = Annotated[Path | None, _scene("It in motion: .mp4, .avi, .gif or .webp (with --grid as a picture).")]


def generate(
    network: NetworkPath,
    seeds: Seeds = None,
    class_: ClassName = None,
    per_class: PerClass = None,
    seed: FirstSeed = 0,
    truncation: Annotated[float, typer.Option(help="Psi: 1 is all variety, 0 the mean picture.")] = 1.0,
    noise_mode: Annotated[NoiseMode, typer.Option(help="Noise inputs.")] = NoiseMode.CONST,
    z_file: ZFile = None,
    projected_w: Annotated[Path | None, typer.Option(help="NPZ with w [N, num_ws, w_dim].")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for one PNG a picture.")] = None,
    grid: Annotated[Path | None, typer.Option(help="One PNG with all pictures side by side.")] = None,
    npz: NpzFile = None,
    batch_dir: BatchFolder = None,
    interpolate: Interpolate = None,
    mix_with: MixWith = None,
    layers: Layers = None,
    truncations: Annotated[str | None, _scene("A sweep: each seed at each, such as 0,0.5,1.")] = None,
    video: Video = None,
    loop: Annotated[bool, _scene("Return to the first at the end.", "--loop")] = False,
    steps: Annotated[int, _scene("Pictures from one to the next in --grid.", min=1, max=1000)] = 8,
    seconds: Annotated[float, _scene("Time from one to the next in --video.", min=0.01, max=3600)] = 2.0,
    fps: Annotated[float, _scene("Frames a second of --video.", min=1, max=240)] = 30.0,
    scorer: Annotated[
        Path | None, _bar("Go on until this scorer has accepted --per-class pictures of each class.")
    ] = None,
    accept: Annotated[float, _bar("Least probability; 0 accepts and scores all.", min=0, max=1)] = 0.5,
    most_tries: Annotated[int, _bar("Pictures made at most for each that is wanted.", min=1)] = 20,
    run: Annotated[str, typer.Option(help="The run's name, noted in the batch.")] = "",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    json_output: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Generate pictures, interpolations, style mixing and videos.

    A seed gives the picture that users of the official tools know for that network.
    z for a seed is numpy.random.RandomState(seed).randn(1, z_dim). Every PNG carries its provenance as text.
    """
    scenes = [interpolate is not None, mix_with is not None, truncations is not None]
    _require_scene(scenes, seeds, (grid, video), (out, npz, batch_dir), layers)
    _require_targets((out, grid, npz, batch_dir, video), per_class)
    _require_source((seeds, per_class, z_file, projected_w))
    _require_bar(scorer, per_class, noise_mode)
    _require_truncation(truncation, truncations, projected_w, class_)
    numbers = None if seeds is None else parse_seeds(seeds)
    from gan.cli import pictures

    taken = pictures.take_up(network, device, truncation, noise_mode.value)
    if any(scenes):
        kind = _Kind(interpolate, mix_with, layers, truncations)
        pace = _Pace(steps, seconds, fps, loop)
        _say(_show(taken, numbers or [], class_, kind, pace, (grid, video)), json_output)
        return
    targets = pictures.Targets(out, grid, npz, batch_dir, per_class or 0, seed, run)
    if scorer is not None:
        _choose(taken, (scorer, accept, most_tries), targets, class_, json_output)
        return
    wanted = _wanted(taken, numbers, class_, (per_class, seed), z_file, projected_w)
    _say(pictures.write(taken, wanted, targets), json_output)


def _require_truncation(
    truncation: float, truncations: str | None, projected_w: Path | None, class_name: str | None
) -> None:
    if projected_w is not None and (class_name is not None or truncation != 1.0):
        raise typer.BadParameter("--class and --truncation are in the w of --projected-w already.")
    if truncations is not None and truncation != 1.0:
        raise typer.BadParameter("give --truncation or --truncations.")
    check_truncation(truncation)


def _choose(
    taken: Taken, bar: tuple[Path, float, int], targets: Targets, class_name: str | None, json_output: bool
) -> None:
    from gan.cli import pictures
    from gan.cli.choosing import Bar, choose

    choice = choose(taken, Bar(*bar), targets.per_class, targets.first_seed, class_name)
    written = pictures.write(taken, choice.wanted, replace(targets, choice=choice))
    _say(written, json_output)
    for name, found in choice.facts["classes"].items():
        said = f"{found['accepted']} of {found['tries']} accepted ({found['rate']:.1%})"
        typer.echo(f"{name}: {said}" if name else said, err=True)
    if choice.shortfall:
        typer.echo(choice.shortfall, err=True)


def _wanted(
    taken: Taken,
    seeds: list[int] | None,
    class_name: str | None,
    per_class: tuple[int | None, int],
    z_file: Path | None,
    projected_w: Path | None,
) -> Wanted:
    from gan.cli import pictures

    count, first = per_class
    if z_file is not None:
        return pictures.from_latents(taken, z_file, class_name)
    if projected_w is not None:
        return pictures.from_projected(taken, projected_w)
    if count is not None:
        return pictures.each_class(taken, count, first, class_name)
    return pictures.from_seeds(taken, seeds or [], class_name)


@dataclass(frozen=True)
class _Kind:
    """Which scene."""

    interpolate: Space | None
    mix_with: str | None
    layers: str | None
    truncations: str | None


@dataclass(frozen=True)
class _Pace:
    """How finely it is shown."""

    steps: int
    seconds: float
    fps: float
    loop: bool


def _show(
    taken: Taken,
    seeds: list[int],
    class_name: str | None,
    kind: _Kind,
    pace: _Pace,
    targets: tuple[Path | None, Path | None],
) -> dict[str, str | int]:
    from gan.cli import scenes
    from gan.cli.pictures import classes_of

    frames = max(round(pace.seconds * pace.fps), 1)
    asked = scenes.Asked(taken, seeds, classes_of(taken, class_name), pace.steps, frames, pace.loop)
    if kind.interpolate is not None:
        scene = scenes.interpolation(asked, kind.interpolate.value)
    elif kind.mix_with is not None:
        layers = None if kind.layers is None else parse_layers(kind.layers)
        scene = scenes.mixing(asked, parse_seeds(kind.mix_with), layers)
    else:
        scene = scenes.sweep(asked, parse_truncations(kind.truncations or ""))
    return scenes.write_scene(taken, scene, *targets, pace.fps)


def _require_targets(targets: tuple[Path | None, ...], per_class: int | None) -> None:
    """Somewhere to write to.

    Raises:
        typer.BadParameter: there is none, or a batch without its number.
    """
    if targets == (None,) * len(targets):
        raise typer.BadParameter("say where to: --out, --grid, --npz, --batch-dir or --video.")
    if targets[3] is not None and per_class is None:
        raise typer.BadParameter("--batch-dir needs --per-class.")


def _require_source(sources: tuple[object, ...]) -> None:
    """One thing that says which pictures.

    Raises:
        typer.BadParameter: none or several.
    """
    if sum(source is not None for source in sources) != 1:
        raise typer.BadParameter("give one of --seeds, --per-class, --z-file and --projected-w.")


def _require_bar(scorer: Path | None, per_class: int | None, noise: NoiseMode) -> None:
    """What a scorer accepts is made again for the files, so it must come out the same.

    Raises:
        typer.BadParameter: no number of pictures, or noise that differs each time.
    """
    if scorer is not None and (per_class is None or noise is NoiseMode.RANDOM):
        raise typer.BadParameter("--scorer needs --per-class, and --noise-mode const or none.")


def _require_scene(
    scenes: list[bool],
    seeds: str | None,
    targets: tuple[Path | None, ...],
    others: tuple[Path | None, ...],
    layers: str | None,
) -> None:
    """Options that belong together.

    Raises:
        typer.BadParameter: they do not.
    """
    names = "--interpolate, --mix-with and --truncations"
    if not any(scenes):
        if targets[1] is not None:
            raise typer.BadParameter(f"--video needs one of {names}.")
        return
    if sum(scenes) > 1:
        raise typer.BadParameter(f"give one of {names}.")
    if seeds is None:
        raise typer.BadParameter(f"{names} need --seeds.")
    if others != (None, None, None) or targets == (None, None):
        raise typer.BadParameter(f"{names} make a --grid or a --video.")
    if layers is not None and not scenes[1]:
        raise typer.BadParameter("--layers belongs to --mix-with.")


def _say(written: dict[str, Any], json_output: bool) -> None:
    import json

    if json_output:
        typer.echo(json.dumps(written))
        return
    places = [value for value in written.values() if isinstance(value, str)]
    count = "1 picture" if written["images"] == 1 else f"{written['images']} pictures"
    typer.echo(f"{count}: {', '.join(places)}")
