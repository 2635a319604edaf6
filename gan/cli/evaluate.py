"""`evaluate`: scores of generated images."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from gan.contract.errors import UserError


class Features(StrEnum):
    """Which feature extractor."""

    AUTO = "auto"
    INCEPTION = "inception"
    ENCODER = "encoder"


def evaluate(
    data: Annotated[
        Path, typer.Option(help="Real images: a snapshot, or a data set in the StyleGAN tools' layout.")
    ],
    network: Annotated[Path | None, typer.Option(help="Checkpoint, run or converted file to score.")] = None,
    images: Annotated[
        Path | None, typer.Option(help="Score these generated images (data set or batch) instead.")
    ] = None,
    split: Annotated[
        str, typer.Option(help="Which split of a snapshot is the reference: train, val, test, all.")
    ] = "all",
    per_class: Annotated[int, typer.Option(help="Generated images a class.", min=2)] = 1000,
    seed: Annotated[int, typer.Option(help="First seed.", min=0)] = 0,
    truncation: Annotated[float, typer.Option(help="Psi.")] = 1.0,
    features: Annotated[
        Features, typer.Option(help="auto takes Inception where its weights are.")
    ] = Features.AUTO,
    inception: Annotated[Path | None, typer.Option(help="The published Inception weights file.")] = None,
    repeats: Annotated[
        int, typer.Option(help="Bootstrap repeats for the intervals; 0 for none.", min=0)
    ] = 100,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="Also write the result as JSON here.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Score generated images against real ones: Fréchet and kernel distance, precision, recall, density,
    coverage.

    Per class and pooled, with intervals by embryo, near copies and class fidelity. With Inception features
    the first two are FID and KID; without its weights an encoder trained on the real images serves, and the
    result says so.
    """
    if (network is None) == (images is None):
        raise typer.BadParameter("give one of --network and --images.")
    from gan.cli import scoring

    wish = scoring.Wish(data, split, network, images, per_class, seed, truncation, repeats, device)
    result = scoring.score(wish, features.value, inception)
    text = json.dumps(result, indent=1)
    if out is not None:
        try:
            out.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(f"{out} cannot be written: {error.strerror}.") from error
    if json_output:
        typer.echo(text)
    else:
        _show(result)


def _show(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    extractor = result["extractor"]
    console.print(f"{extractor['name']} ({extractor['resize']}, weights {extractor['hash'][:12]})")
    names = list(dict.fromkeys(name for score in result["scores"] for name in score["values"]))
    table = Table("score", *(f"{score['name']} (n {score['n_generated']})" for score in result["scores"]))
    for name in names:
        table.add_row(name.replace("_", " "), *(_cell(score, name) for score in result["scores"]))
    console.print(table)
    console.print(f"{len(result['near_copies'])} near copies of real images")
    for note in dict.fromkeys(note for score in result["scores"] for note in score["notes"]):
        console.print(f"[dim]{note}[/dim]")


def _cell(score: dict[str, Any], name: str) -> str:
    if name not in score["values"]:
        return "–"
    text = f"{score['values'][name]:.4g}"
    if name in score["intervals"]:
        low, high = score["intervals"][name]
        text += f" ({low:.4g} to {high:.4g})"
    return text
