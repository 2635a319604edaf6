"""`evaluate`: scores of generated images."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from gan.cli.seeds import check_truncation
from gan.contract.errors import UserError
from gan.contract.jsonfile import finite, write_json


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
    truncation: Annotated[float, typer.Option(help="Psi: 1 is all variety, 0 the mean picture.")] = 1.0,
    features: Annotated[
        Features, typer.Option(help="auto takes Inception where its weights are.")
    ] = Features.AUTO,
    inception: Annotated[
        Path | None,
        typer.Option(help="The published Inception weights file; else BLASTO_INCEPTION or the cache."),
    ] = None,
    encoder_steps: Annotated[
        int, typer.Option(help="Training steps of the encoder; part of what it is.", min=1)
    ] = 400,
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
    if features is Features.ENCODER and inception is not None:
        raise typer.BadParameter("--inception is not for --features encoder.")
    check_truncation(truncation)
    from gan.cli import scoring

    wish = scoring.Wish(data, split, network, images, per_class, seed, truncation, repeats, device)
    eye = scoring.Eye(features.value, inception, encoder_steps)
    result = finite(scoring.score(wish, eye, lambda sentence: typer.echo(sentence, err=True)))
    if out is not None:
        try:
            write_json(out, result)
        except OSError as error:
            raise UserError(f"{out} cannot be written: {error.strerror}.") from error
    if json_output:
        typer.echo(json.dumps(result))
    else:
        _show(result)


def _show(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False)  # a class may be called [good]
    extractor = result["extractor"]
    console.print(f"{extractor['name']} ({extractor['resize']}, weights {extractor['hash'][:12]})")
    names = list(dict.fromkeys(name for score in result["scores"] for name in score["values"]))
    table = Table()
    table.add_column("score", no_wrap=True)
    for score in result["scores"]:
        table.add_column(f"{score['name']} (n {score['n_generated']})")
    for name in names:
        table.add_row(name.replace("_", " "), *(_cell(score, name) for score in result["scores"]))
    console.print(table)
    console.print(f"{len(result['near_copies'])} near copies of real images")
    for note in dict.fromkeys(note for score in result["scores"] for note in score["notes"]):
        console.print(note, style="dim")


def _cell(score: dict[str, Any], name: str) -> str:
    if score["values"].get(name) is None:
        return "–"
    text = f"{score['values'][name]:.4g}"
    low, high = score["intervals"].get(name, (None, None))
    if low is not None and high is not None:
        text += f" ({low:.4g} to {high:.4g})"
    return text
