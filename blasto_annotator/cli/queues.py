"""`queue next` and `queue rank`."""

from __future__ import annotations

from typing import Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project
from blasto_annotator.cli.console import out, out_json, progress_bar
from blasto_annotator.domain.queues import WINDOW

_NEXT = epilog(
    "blasto-annotator queue next study --grader Ana --kind one",
    text="Kinds: time (in time order), one (one frame per embryo in a window of hours), balance (rarest "
    "group first), disagreement (what others dispute), uncertain (by the ranking).",
)


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(name="queue", help="Which frames come next.", no_args_is_help=True)
    app.command("next", epilog=_NEXT)(show_next)
    app.command("rank", epilog=epilog("blasto-annotator queue rank study --grader Ana"))(rank)
    return app


def show_next(
    project: ProjectFolder,
    grader: Annotated[str, typer.Option(metavar="NAME", help="Whose queue.", show_default=False)],
    kind: Annotated[str, typer.Option(metavar="KIND", help="Kind of queue.")] = "time",
    low: Annotated[float, typer.Option("--from", metavar="HOURS", help="Window's start.")] = WINDOW[0],
    high: Annotated[float, typer.Option("--to", metavar="HOURS", help="Window's end.")] = WINDOW[1],
    search: Annotated[
        str,
        typer.Option("--filter", metavar="TEXT", help="Only frames that fit, such as hpi>110 source:Vienna."),
    ] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="So many frames.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List the frames that a grader's queue brings next."""
    from blasto_annotator.domain.queues import queue_choice

    choice = queue_choice(kind, low, high)
    with open_project(project) as opened:
        found = opened.queues.upcoming(choice, grader, opened.scheme, limit=limit, search=search)
        frames = [opened.frames.get(number) for number in found]
    if as_json:
        rows = [{"frame": f.id, "path": f.path, "embryo": f.embryo, "hpi": f.hpi} for f in frames]
        out_json({"kind": kind, "frames": rows})
        return
    for frame in frames:
        out(f"{frame.embryo}  {'' if frame.hpi is None else f'{frame.hpi:.1f} h'}  {frame.path}")


def rank(
    project: ProjectFolder,
    grader: Annotated[
        str | None, typer.Option(metavar="NAME", help="Learn from this grader's labels only.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Rank at most so many frames.")] = 2000,
    as_json: AsJson = False,
) -> None:
    """Train a small model on the labels so far and rank the other frames by its uncertainty."""
    from blasto_annotator.curation.ranking import rank_frames

    with open_project(project) as opened, progress_bar("Ranking") as progress:
        done = rank_frames(opened, grader, limit, progress)
    if as_json:
        out_json({
            "trained_on": done.trained_on, "groups": list(done.groups), "ranked": done.ranked,
            "unreadable": done.unreadable, "file": str(done.file),
        })  # fmt: skip
    else:
        out(f"{done.ranked} frames ranked by a model of {done.trained_on} labels ({', '.join(done.groups)}).")
