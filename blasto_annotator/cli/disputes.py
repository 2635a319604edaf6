"""`disputes list` and `disputes decide`: what graders put into different groups, and who settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project
from blasto_annotator.cli.console import out, out_json
from blasto_annotator.domain.errors import UserError

if TYPE_CHECKING:
    from blasto_annotator.curation.adjudicating import Dispute
    from blasto_annotator.domain.schemes import Scheme
    from blasto_annotator.store import Project

_WORDS = {"gradable": "can it be graded", "expansion": "expansion", "icm": "ICM", "te": "TE"}


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(
        name="disputes", help="Images whose graders make different groups of them.", no_args_is_help=True
    )
    app.command("list", epilog=epilog("blasto-annotator disputes list study --json"))(show_list)
    app.command("decide", epilog=epilog("blasto-annotator disputes decide study 41 --who Eva --icm B"))(
        settle
    )
    return app


def show_list(
    project: ProjectFolder,
    decided: Annotated[
        bool, typer.Option("--decided", help="Those that are decided, too.", show_default=False)
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the disputes, the worst first: the frame, what was given how often, and what is asked."""
    from blasto_annotator.curation.adjudicating import read_disputes

    with open_project(project) as opened:
        scheme = opened.scheme
        found = [d for d in read_disputes(opened) if decided or d.decision is None]
    if as_json:
        out_json({"disputes": [_value(dispute) for dispute in found]})
        return
    for dispute in found:
        out(_line(dispute, scheme))


def settle(
    project: ProjectFolder,
    frame: Annotated[
        int, typer.Argument(metavar="FRAME", help="Its number in the list.", show_default=False)
    ],
    who: Annotated[str, typer.Option(metavar="NAME", help="Who decides.", show_default=False)],
    icm: Annotated[str, typer.Option(metavar="LETTER", help="The ICM, where it is asked.")] = "",
    te: Annotated[str, typer.Option(metavar="LETTER", help="The TE, where it is asked.")] = "",
    expansion: Annotated[str, typer.Option(metavar="N", help="The expansion, where it is asked.")] = "",
    gradable: Annotated[str, typer.Option(metavar="WORD", help="yes or no, where it is asked.")] = "",
    as_json: AsJson = False,
) -> None:
    """Decide a dispute by answering what alone changes the group."""
    from blasto_annotator.curation.adjudicating import decide

    said = {"gradable": gradable.lower(), "expansion": expansion, "icm": icm.upper(), "te": te.upper()}
    with open_project(project) as opened:
        dispute = _find(opened, frame)
        answers = _answers(dispute, opened.scheme, said)
        row = decide(opened, dispute, answers, who, revealed=False)
    grade = str(row.entry.grade or row.entry.reason) if row.entry is not None else ""
    if as_json:
        out_json({"row": row.id, "frame": frame, "grade": grade, "asked": sorted(answers)})
    else:
        out(f"{dispute.frame.embryo} is {grade}, decided by {who}.")


def _find(project: Project, frame: int) -> Dispute:
    from blasto_annotator.curation.adjudicating import read_disputes

    for dispute in read_disputes(project):
        if dispute.frame.id == frame:
            return dispute
    raise UserError(f"Frame {frame} is in no dispute: blasto-annotator disputes list shows the numbers.")


def _answers(dispute: Dispute, scheme: Scheme, said: dict[str, str]) -> dict[str, str]:
    """The answers to what is asked, and to nothing else."""
    from blasto_annotator.curation.adjudicating import question
    from blasto_annotator.domain.adjudication import GRADABLE, NO, YES
    from blasto_annotator.domain.raters_criteria import scale

    answers: dict[str, str] = {}
    while (asked := question(dispute, scheme, answers)) is not None:
        choices = (YES, NO) if asked == GRADABLE else scale(asked, scheme)
        if said[asked] not in choices:
            raise UserError(f"Asked is the {_WORDS[asked]}: give --{asked} with one of {', '.join(choices)}.")
        answers[asked] = said[asked]
    if unasked := [name for name, word in said.items() if word and name not in answers]:
        raise UserError(
            f"--{unasked[0]} is not asked here: the rest stays as most graders said. Leave it out."
        )
    return answers


def _line(dispute: Dispute, scheme: Scheme) -> str:
    groups = [group.name for group in scheme.groups]
    order = sorted(set(dispute.outcomes), key=lambda w: groups.index(w) if w in groups else len(groups))
    counted = ", ".join(f"{word} {dispute.outcomes.count(word)}" for word in order)
    said = f"asked: {_WORDS[dispute.asked]}"
    if dispute.decision is not None and dispute.decision.entry is not None:
        entry = dispute.decision.entry
        said = f"{entry.grade or entry.reason} by {dispute.decision.adjudicator}"
    return f"{dispute.frame.id}  {dispute.frame.embryo}  {dispute.frame.path}  {counted}  {said}"


def _value(dispute: Dispute) -> dict[str, Any]:
    decision = dispute.decision
    return {
        "frame": dispute.frame.id,
        "embryo": dispute.frame.embryo,
        "path": dispute.frame.path,
        "severity": dispute.severity,
        "asked": dispute.asked,
        "grades": [
            {"grader": v.grader, "grade": str(v.grade or ""), "outcome": outcome}
            for v, outcome in zip(dispute.votes, dispute.outcomes, strict=True)
        ],
        "decided": None
        if decision is None or decision.entry is None
        else {"grade": str(decision.entry.grade or ""), "by": decision.adjudicator},
    }
