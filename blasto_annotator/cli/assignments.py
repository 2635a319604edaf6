"""`assign …`: who grades which embryos."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import out, out_json

if TYPE_CHECKING:
    from blasto_annotator.store import Project

_PLAN = (
    "The overlap goes to everybody, for agreement; the rest is dealt out evenly in moments, siblings spread "
    "over the graders. The same seed deals alike. Embryos that were dealt out stay where they are."
)


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(name="assign", help="Who grades which embryos.", no_args_is_help=True)
    app.command("plan", epilog=epilog("blasto-annotator assign plan study --graders Ana,Ben", text=_PLAN))(
        plan
    )
    app.command("extend", epilog=epilog("blasto-annotator assign extend study"))(extend)
    app.command("show", epilog=epilog("blasto-annotator assign show study"))(show)
    app.command("clear", epilog=epilog("blasto-annotator assign clear study"))(clear)
    return app


def plan(
    project: ProjectFolder,
    graders: Annotated[str, typer.Option(metavar="A,B,…", help="Who is to grade.", show_default=False)],
    overlap: Annotated[float, typer.Option(metavar="SHARE", help="Embryos that everybody grades.")] = 0.2,
    seed: Annotated[int, typer.Option(metavar="N", help="Deals differently.")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Take everything back first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deal the embryos out; everybody's queue then holds the own ones."""
    from blasto_annotator.domain.assignments import AssignmentPlan

    names = tuple(name.strip() for name in graders.split(",") if name.strip())
    with open_project(project) as opened:
        opened.assignments.assign(AssignmentPlan(names, overlap, seed), operator(), fresh)
        _show(opened, as_json)


def extend(project: ProjectFolder, as_json: AsJson = False) -> None:
    """Deal out embryos that were imported since, by the same plan."""
    with open_project(project) as opened:
        opened.assignments.extend(operator())
        _show(opened, as_json)


def show(project: ProjectFolder, as_json: AsJson = False) -> None:
    """Say who has how much to do."""
    with open_project(project) as opened:
        _show(opened, as_json)


def clear(project: ProjectFolder) -> None:
    """Take all assignments back: every queue holds everything again. Labels stay."""
    with open_project(project) as opened:
        opened.assignments.clear(operator())
    out("Every queue holds everything again.")


def _show(project: Project, as_json: bool) -> None:
    found, shares, left = (
        project.assignments.plan(),
        project.assignments.shares(),
        project.assignments.unassigned(),
    )
    names = [share.grader for share in shares] or [a.name for a in project.graders.all() if a.active]
    labelled = {name: project.labels.progress(name)[0] for name in names}
    if as_json:
        told = None if found is None else asdict(found)
        listed = [asdict(share) | {"labelled": labelled[share.grader]} for share in shares]
        out_json({"plan": told, "shares": listed, "unassigned": left, "labelled": labelled})
        return
    if found is None:
        out("Embryos are not dealt out: every queue holds everything.")
        for name, done in labelled.items():
            out(f"{name}: {done} moments labelled")
        return
    for share in shares:
        out(
            f"{share.grader}: {share.embryos} embryos ({share.shared} shared), {share.moments} moments, "
            f"{labelled[share.grader]} labelled"
        )
    out(f"Nobody has {left} embryos.")
