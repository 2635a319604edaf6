"""`generate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import note, out, out_json, progress_bar

_EPILOG = epilog(
    "blasto-annotator generate study --run latest --per-class 100",
    "blasto-annotator generate study --run 20260401-093000-gpu --per-class 8 --seed 1000 --truncation 0.7",
    "blasto-annotator generate study --run latest --per-class 50 --scorer latest --accept 0.5",
    text="Every image carries its provenance (synthetic, model, seed, class, truncation). Prints the batch's "
    "folder.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EPILOG)(generate)


def generate(
    project: ProjectFolder,
    run: Annotated[
        str,
        typer.Option(
            metavar="RUN",
            help="A run's name or folder, latest, or a checkpoint's folder.",
            show_default=False,
        ),
    ],
    per_class: Annotated[
        int, typer.Option(metavar="N", help="Images of each class.", min=1, show_default=False)
    ],
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Of the first image; each next one has the next seed. Drawn by default.", min=0
        ),
    ] = None,
    truncation: Annotated[
        float, typer.Option(metavar="T", help="1: all the variety; less: nearer the average.")
    ] = 1.0,
    scorer: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Only images that this expert scorer accepts: latest, a name, or none."
        ),
    ] = "none",
    accept: Annotated[
        float,
        typer.Option(
            metavar="P", help="Least probability by the scorer; 0 lets all in, scored.", min=0, max=1
        ),
    ] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Generate a batch of images from a run's newest checkpoint, ready for review."""
    from blasto_annotator.curation.near_copies import find_near_copies
    from blasto_annotator.training.generate import generate_batch
    from blasto_annotator.training.scorer import bar_for

    with open_project(project) as opened, progress_bar("Generating") as progress:
        bar = bar_for(opened, run, scorer, accept)
        folder = generate_batch(opened, Path(run), per_class, seed, truncation, progress, operator(), bar=bar)
        copies = find_near_copies(opened, folder.name)
    _answer(folder, None if copies is None else len(copies.suspicious), as_json)


def _answer(folder: Path, copies: int | None, as_json: bool) -> None:
    """The batch, for people or for scripts; `copies` are its images that are too like a training frame."""
    from blasto_annotator.training.generate import accepted_sentences
    from gan.contract.batch_folder import read_batch

    info = read_batch(folder)
    if as_json:
        value: dict[str, Any] = {"batch": str(folder.resolve()), "id": info.id, "classes": list(info.classes)}
        value |= {"images": sum(1 for _ in folder.glob("images/*.png")), "run": info.run, "model": info.model}
        out_json({**value, "first_seed": info.first_seed, "near_copies": copies, "scorer": info.scorer})
    else:
        for sentence in accepted_sentences(info):
            note(sentence)
        out(str(folder.resolve()))
    if copies:
        note(
            f"{copies} images come nearer to a training frame than frames of different embryos to one "
            "another: they are kept out of training until somebody looks (near-copies)."
        )
