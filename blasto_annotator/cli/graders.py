"""`graders …`: accounts, PINs, who may adjudicate, and the share of silent repeats."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at, open_project, operator
from blasto_annotator.cli.console import out, out_json

Name = Annotated[str, typer.Argument(metavar="NAME", help="The grader's name.", show_default=False)]
_PIN = (
    "The PIN is asked for on the terminal, or read from the first line of stdin; an empty one takes it away."
)


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(name="graders", help="Accounts of the people who grade.", no_args_is_help=True)
    app.command("list", epilog=epilog("blasto-annotator graders list study"))(list_graders)
    app.command("add", epilog=epilog("blasto-annotator graders add study Ana --adjudicates"))(add)
    app.command("pin", epilog=epilog("blasto-annotator graders pin study Ana", text=_PIN))(pin)
    app.command("change", epilog=epilog("blasto-annotator graders change study Ana --active no"))(change)
    app.command("repeats", epilog=epilog("blasto-annotator graders repeats study --share 0.05"))(repeats)
    return app


def list_graders(project: ProjectFolder, as_json: AsJson = False) -> None:
    """List the accounts, and people who labelled without one."""
    with look_at(project) as opened:
        accounts = opened.graders.all()
        known = {account.name for account in accounts}
        others = [name for name in opened.labels.graders() if name not in known]
    if as_json:
        out_json(
            [
                {"name": a.name, "pin": a.has_pin, "adjudicates": a.may_adjudicate, "active": a.active}
                for a in accounts
            ]
            + [{"name": name, "pin": False, "adjudicates": False, "active": None} for name in others]
        )
        return
    for account in accounts:
        marks = {"PIN": account.has_pin, "adjudicates": account.may_adjudicate, "closed": not account.active}
        out(", ".join([account.name, *(mark for mark, holds in marks.items() if holds)]))
    for name in others:
        out(f"{name}, labels only (no account)")


def add(
    project: ProjectFolder,
    name: Name,
    adjudicates: Annotated[
        bool, typer.Option("--adjudicates", help="May decide where graders differ.")
    ] = False,
) -> None:
    """Make an account. In the window, typing a name makes one too."""
    with open_project(project) as opened:
        made = opened.graders.add(name, operator(), adjudicates or None)
    out(f"{made.name} has an account{' and may adjudicate' if made.may_adjudicate else ''}.")


def pin(project: ProjectFolder, name: Name) -> None:
    """Set or take away a grader's PIN."""
    with open_project(project) as opened:
        chosen = _read_pin(name)
        opened.graders.set_pin(name, chosen, operator())
    out(f"{name} {'has a new PIN' if chosen else 'needs no PIN any more'}.")


def change(
    project: ProjectFolder,
    name: Name,
    adjudicates: Annotated[str | None, typer.Option(metavar="yes|no", help="May adjudicate.")] = None,
    active: Annotated[str | None, typer.Option(metavar="yes|no", help="no closes the account.")] = None,
) -> None:
    """Say who may adjudicate, or close an account (labels stay) and open it again."""
    with open_project(project) as opened:
        if adjudicates is not None:
            opened.graders.set_adjudicates(name, _yes(adjudicates), operator())
        if active is not None:
            opened.graders.set_active(name, _yes(active), operator())
        found: Any = opened.graders.find(name)
    if found is not None:
        may = "may" if found.may_adjudicate else "may not"
        out(f"{found.name}: account {'open' if found.active else 'closed'}, {may} adjudicate.")


def repeats(
    project: ProjectFolder,
    share: Annotated[
        float | None, typer.Option(metavar="SHARE", help="New share, 0 to 0.5; 0 turns them off.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show or set how many images come back silently, turned or mirrored."""
    with open_project(project) as opened:
        if share is not None:
            opened.repeats.set_share(share, operator())
        now, given = opened.repeats.share(), len(opened.repeats.pairs())
    if as_json:
        out_json({"share": now, "answered": given})
    else:
        out(f"{now:.1%} of images come back; {given} repeats were answered so far.")


def _read_pin(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    asked: str = typer.prompt(f"New PIN of {name}", default="", hide_input=True, show_default=False)
    if asked and typer.prompt("Once more", hide_input=True) != asked:
        raise typer.BadParameter("the two PINs differ")
    return asked


def _yes(answer: str) -> bool:
    if answer not in ("yes", "no"):
        raise typer.BadParameter(f"write yes or no, not {answer}")
    return answer == "yes"
