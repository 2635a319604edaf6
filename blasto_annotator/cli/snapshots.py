"""`snapshot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import note, out, out_json, progress_bar
from blasto_annotator.domain.errors import UserError
from blasto_annotator.training.snapshots import counts_sentence

if TYPE_CHECKING:
    from blasto_annotator.curation.selection import SnapshotOptions
    from blasto_annotator.store import Project
    from gan.contract.snapshot_folder import SnapshotInfo

_EPILOG = epilog(
    "blasto-annotator snapshot study --size 256",
    "blasto-annotator snapshot study --size 64 --include-perfect --cap 0.2",
    text="The same labels and options give the same id. Prints the id, then the folder.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EPILOG)(snapshot)


def snapshot(
    project: ProjectFolder,
    size: Annotated[int, typer.Option(metavar="N", help="Pixels a side: 16, 32, 64, ... 1024.")] = 256,
    expansions: Annotated[
        str, typer.Option(metavar="LIST", help="Expansions that enter, by commas.")
    ] = "2,3,4",
    thin: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Near-identical frames of an embryo up to this hash distance are thinned; 0: off.",
        ),
    ] = 4,
    seed: Annotated[int, typer.Option(metavar="N", help="Decides which embryos go to which split.")] = 0,
    grader: Annotated[str | None, typer.Option(metavar="NAME", help="Only this grader's labels.")] = None,
    labels_by: Annotated[
        str,
        typer.Option(
            metavar="WAY",
            help="Whose word counts where several graded: adjudicated, majority, one-coin, dawid-skene or "
            "grader:NAME.",
        ),
    ] = "adjudicated",
    planes: Annotated[
        str | None, typer.Option(metavar="LIST", help="Only these focal planes, by commas, such as -15,0,15.")
    ] = None,
    include_perfect: Annotated[
        bool,
        typer.Option(
            "--include-perfect",
            help="Generated images rated perfect and of the right class join the training split.",
        ),
    ] = False,
    cap: Annotated[
        float, typer.Option(metavar="SHARE", help="Most generated images, as a share of the training split.")
    ] = 0.2,
    as_json: AsJson = False,
) -> None:
    """Build a training set from the labels: thinned, split by embryo, written once and never changed."""
    from blasto_annotator.curation.options import parse_labels_by
    from blasto_annotator.curation.selection import SnapshotOptions

    method, named = parse_labels_by(labels_by)
    options = SnapshotOptions(
        size=size,
        expansions=_numbers(expansions, "--expansions"),
        thin_distance=thin,
        seed=seed,
        grader=grader or named,
        labels_by=method,
        planes=None if planes is None else _numbers(planes, "--planes"),
        include_generated=include_perfect,
        generated_cap=cap,
    )
    with open_project(project) as opened:
        _answer(build_snapshot(opened, options), as_json)


def _answer(built: SnapshotInfo, as_json: bool) -> None:
    if as_json:
        out_json(snapshot_value(built))
        return
    note(counts_sentence(built))
    out(built.id)
    out(str(built.path.resolve()))


def build_snapshot(project: Project, options: SnapshotOptions) -> SnapshotInfo:
    """Builds (or finds) the snapshot of these options, with progress on a terminal."""
    from blasto_annotator.curation.snapshot import build

    with progress_bar("Snapshot") as progress:
        return build(project, options, who=operator(), progress=progress)


def snapshot_value(built: SnapshotInfo) -> dict[str, Any]:
    """A snapshot for scripts."""
    return {
        "id": built.id,
        "folder": str(built.path.resolve()),
        "size": built.size,
        "classes": list(built.classes),
        "counts": built.counts,
    }


def _numbers(text: str, option: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise UserError(f"{option} takes whole numbers divided by commas, not “{text}”.") from error
