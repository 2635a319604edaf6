"""`reviews plan`, `reviews import`, `reviews export` and `reviews defects`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project
from blasto_annotator.cli.console import out, out_json
from blasto_annotator.cli.tables import say_imported
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Mode

if TYPE_CHECKING:
    from blasto_annotator.curation.review_outlook import Outlook
    from blasto_annotator.curation.review_plan import ReviewPlan
    from blasto_annotator.domain.reviews import ReviewSession
    from blasto_annotator.store import Project

Readers = Annotated[
    list[str], typer.Option("--reader", metavar="NAME", help="Who reads; repeatable.", show_default=False)
]
Batches = Annotated[
    list[str] | None,
    typer.Option("--batch", metavar="ID", help="What is reviewed: an id or latest; two compare models."),
]
RealShare = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        min=0,
        max=0.9,
        help="Share of real frames of held-out embryos; 0.2 by default, 0.5 for choice.",
    ),
]

_IMPORT_EPILOG = epilog(
    "blasto-annotator reviews import study verdicts.csv --reviewer Ana",
    text="Columns: image (in its batch, or sha256), realism (perfect, minor_flaws, implausible), "
    "wrong_class, defects (divided by semicolons), looks_like. Wrong class alone is allowed.",
)


_PLAN_EPILOG = epilog(
    "blasto-annotator reviews plan study --reader Ana --reader Boris --real-share 0.2",
    "blasto-annotator reviews plan study --mode grid --per-class 90 --reader Ana",
    "blasto-annotator reviews plan study --mode choice --real-share 0.5 --seconds 5 --reader Ana",
    "blasto-annotator reviews plan study --mode pair --batch latest --batch 20260401-101500 --reader Ana",
    text="Each reader gets a session of his own, to be worked through on the Review page.",
)

_DEFECTS_EPILOG = epilog('blasto-annotator reviews defects study "A bubble"')


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(
        name="reviews",
        help="Plan reviews; take verdicts from a file, or write them to one.",
        no_args_is_help=True,
    )
    app.command("plan", epilog=_PLAN_EPILOG)(plan)
    app.command("defects", epilog=_DEFECTS_EPILOG)(defects)
    app.command("import", epilog=_IMPORT_EPILOG)(import_reviews)
    app.command("export", epilog=epilog("blasto-annotator reviews export study verdicts.csv"))(export_reviews)
    return app


def plan(
    project: ProjectFolder,
    readers: Readers,
    batches: Batches = None,
    mode: Annotated[
        str,
        typer.Option(
            metavar="MODE",
            help="single (rate each), grid (nine at a time), choice (real or generated) or pair.",
        ),
    ] = "single",
    per_class: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Generated images of each class; all by default.")
    ] = None,
    real_share: RealShare = None,
    repeats: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=0.5, help="Share of images that come again.")
    ] = 0.1,
    teach: Annotated[
        bool, typer.Option("--teach", help="Take the images that teach the expert scorer most.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", min=0.1, help="Longest look at an image of a choice.")
    ] = None,
    margin: Annotated[
        float, typer.Option(metavar="SHARE", min=0.01, max=0.49, help="Equivalence margin of choices.")
    ] = 0.1,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, help="Of all that is drawn.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it can show; plan nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Plan a blind review: a session for each reader, and say what it can show."""
    from blasto_annotator.curation.review_plan import ReviewPlan

    asked = _mode(mode)
    wish = ReviewPlan(
        batches=(), readers=tuple(readers), mode=asked, per_class=per_class, teach=teach,
        real_share=_real_share(asked, real_share), repeat_share=0.0 if asked is Mode.PAIR else repeats,
        seconds=seconds, margin=margin, seed=seed,
    )  # fmt: skip
    with open_project(project) as opened:
        chosen = tuple(batch_named(opened, name) or "" for name in batches or ["latest"])
        sessions, shown = _planned(opened, replace(wish, batches=chosen), dry_run)
    _say_planned(sessions, shown, as_json)


def _real_share(mode: Mode, asked: float | None) -> float:
    """Pairs have none; a choice shows most with one half."""
    from blasto_annotator.curation.review_plan import default_share

    return default_share(mode) if asked is None or mode is Mode.PAIR else asked


def _planned(project: Project, wish: ReviewPlan, dry_run: bool) -> tuple[list[ReviewSession], Outlook]:
    """The sessions, none of a dry run, and what they can show."""
    from blasto_annotator.curation.controls import Met
    from blasto_annotator.curation.review_outlook import outlook
    from blasto_annotator.curation.review_plan import choose_images, plan_review

    met = Met(project, wish.readers)
    sessions = [] if dry_run else plan_review(project, wish, met=met)
    items = sessions[0].items if sessions else choose_images(project, wish, wish.seed or 0, met)
    return sessions, outlook(project, wish, items, met)


def _say_planned(sessions: list[ReviewSession], shown: Outlook, as_json: bool) -> None:
    if as_json:
        rows = [{"session": s.id, "reader": s.reviewer, "images": len(s.items)} for s in sessions]
        out_json(
            {"sessions": rows, "generated": shown.generated, "real": shown.real, "power": [*shown.words]}
        )
        return
    for session in sessions:
        out(f"Session {session.id} for {session.reviewer}: {len(session.items)} images.")
    for sentence in shown.words:
        out(sentence)


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError as error:
        known = ", ".join(mode.value for mode in Mode)
        raise UserError(f"A review cannot ask {text!r}; choose one of {known}.") from error


def defects(
    project: ProjectFolder,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="The laboratory's own defects; they replace those before."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take the laboratory's own away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Name the laboratory's own defects for reviews, or say which there are."""
    from blasto_annotator.curation.reviewing import own_defects, set_own_defects
    from blasto_annotator.domain.reviews import defect_title

    with open_project(project) as opened:
        if names or clear:
            set_own_defects(opened, [] if clear else names or [])
        found = [defect_title(code) for code in own_defects(opened)]
    if as_json:
        out_json({"defects": found})
    else:
        out("\n".join(found) or "The laboratory has named no defects of its own.")


def import_reviews(
    project: ProjectFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Verdicts.", show_default=False)],
    reviewer: Annotated[
        str, typer.Option(metavar="NAME", help="Whose verdicts these are.", show_default=False)
    ],
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Whose images bare names mean, where several batches have them; or latest."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a reviewer's verdicts from a CSV file."""
    from blasto_annotator.curation.reviewing import import_reviews as read_reviews

    with open_project(project) as opened:
        report = read_reviews(opened, file.expanduser(), reviewer, batch_named(opened, batch))
    say_imported(report, "verdict", file, as_json)


def batch_named(project: Project, text: str | None) -> str | None:
    """The id of the batch that a person means."""
    from blasto_annotator.training.generate import list_batches

    names = [folder.name for folder in list_batches(project)]
    if text is None or text in names:
        return text
    if text == "latest" and names:
        return names[0]
    known = ", ".join(names[:5]) or "none yet"
    raise UserError(f"There is no batch {text} in {project.folder}; the newest are: {known}.")


def export_reviews(
    project: ProjectFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="File to write.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Export the verdicts that stand to a CSV file."""
    from blasto_annotator.curation.reviewing import export_reviews as write_reviews

    with open_project(project) as opened:
        found = write_reviews(opened, file.expanduser())
    if as_json:
        whole = str(file.expanduser().resolve())
        out_json({"exported": found.written, "waiting": found.waiting, "file": whole})
        return
    out(f"{found.written} verdicts written to {file}.")
    if found.waiting:
        out(
            f"{found.waiting} on images of unfinished sessions wait: the file would tell their readers what "
            "is real."
        )
