"""`generate`: pictures from a checkpoint."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gan.cli.seeds import parse_seeds


class NoiseMode(StrEnum):
    """What the synthesis network's noise inputs get."""

    CONST = "const"
    NONE = "none"
    RANDOM = "random"


def generate(
    network: Annotated[Path, typer.Option(help="Checkpoint, run folder or converted .safetensors file.")],
    seeds: Annotated[str | None, typer.Option(help="Which pictures, such as 0-31,100.")] = None,
    class_: Annotated[
        str | None, typer.Option("--class", help="Class by name or number; else every class.")
    ] = None,
    per_class: Annotated[
        int | None, typer.Option(help="So many of each class instead of --seeds.", min=1)
    ] = None,
    seed: Annotated[
        int, typer.Option("--first-seed", "--seed", help="First seed with --per-class.", min=0)
    ] = 0,
    truncation: Annotated[float, typer.Option(help="Psi: 1 is all variety, 0 the mean picture.")] = 1.0,
    noise_mode: Annotated[NoiseMode, typer.Option(help="Noise inputs.")] = NoiseMode.CONST,
    z_file: Annotated[
        Path | None, typer.Option(help="NPZ with z [N, z_dim] and, with classes, c [N, c_dim].")
    ] = None,
    projected_w: Annotated[Path | None, typer.Option(help="NPZ with w [N, num_ws, w_dim].")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for one PNG a picture.")] = None,
    grid: Annotated[Path | None, typer.Option(help="One PNG with all pictures side by side.")] = None,
    npz: Annotated[
        Path | None, typer.Option(help="NPZ with float32 images [N, C, H, W] in [-1, 1], before rounding.")
    ] = None,
    batch_dir: Annotated[
        Path | None, typer.Option(help="A generated batch for review (needs --per-class).")
    ] = None,
    run: Annotated[str, typer.Option(help="The run's name, noted in the batch.")] = "",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    json_output: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Generate pictures. A seed gives the picture that users of the official tools know for that network.

    z for a seed is numpy.random.RandomState(seed).randn(1, z_dim). Every PNG carries its provenance as text.
    """
    if (out, grid, npz, batch_dir) == (None, None, None, None):
        raise typer.BadParameter("say where to: --out, --grid, --npz or --batch-dir.")
    wishes = [seeds is not None, per_class is not None, z_file is not None, projected_w is not None]
    if sum(wishes) != 1:
        raise typer.BadParameter("give one of --seeds, --per-class, --z-file and --projected-w.")
    if batch_dir is not None and per_class is None:
        raise typer.BadParameter("--batch-dir needs --per-class.")
    if projected_w is not None and (class_ is not None or truncation != 1.0):
        raise typer.BadParameter("--class and --truncation are in the w of --projected-w already.")
    numbers = None if seeds is None else parse_seeds(seeds)
    from gan.cli import pictures

    taken = pictures.take_up(network, device, truncation, noise_mode.value)
    if z_file is not None:
        wanted = pictures.from_latents(taken, z_file, class_)
    elif projected_w is not None:
        wanted = pictures.from_projected(taken, projected_w)
    elif per_class is not None:
        wanted = pictures.each_class(taken, per_class, seed, class_)
    else:
        wanted = pictures.from_seeds(taken, numbers or [], class_)
    written = pictures.write(
        taken, wanted, pictures.Targets(out, grid, npz, batch_dir, per_class or 0, seed, run)
    )
    _say(written, json_output)


def _say(written: dict[str, str | int], json_output: bool) -> None:
    import json

    if json_output:
        typer.echo(json.dumps(written))
        return
    count = written.pop("images")
    typer.echo(f"{count} pictures: " + ", ".join(str(path) for path in written.values()))
