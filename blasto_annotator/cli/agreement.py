"""`agreement`."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at
from blasto_annotator.cli.console import out, out_json

if TYPE_CHECKING:
    from rich.console import Console

    from blasto_annotator.domain.schemes import Scheme
    from blasto_annotator.reports.agreement import AgreementReport, CriterionReport, Looks
    from blasto_annotator.store import Project

_EPILOG = epilog(
    "blasto-annotator agreement study",
    "blasto-annotator agreement study --criterion icm --graders Ada,Ben --out agreement.html",
    "blasto-annotator agreement study --from-csv Ada.csv --from-csv Ben.csv --json",
    text="Compares each grader's newest label of a moment, on whatever focal plane. "
    "Intervals are drawn by embryo.",
)

_WIDTH = 9
"""Of a column that a grader's name heads, in characters."""


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EPILOG)(agreement)


def agreement(
    project: ProjectFolder,
    criterion: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="expansion, icm, te or group; may be repeated; all by default."),
    ] = None,
    graders: Annotated[
        str | None, typer.Option(metavar="LIST", help="Only these graders, by commas; all by default.")
    ] = None,
    from_csv: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A table of one grader instead of the project's labels; repeat it."
        ),
    ] = None,
    embryo: Annotated[
        str, typer.Option(metavar="REGEX", help="With --from-csv: what of an image's name is the embryo.")
    ] = "",
    coding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --from-csv: gardner, kromp (0 is A) or numbers (1 is A)."),
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(metavar="N", min=0, help="Bootstrap samples for the intervals; 0: none.")
    ] = 1000,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of the bootstrap.")] = 0,
    min_shared: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Shared images from which a pair enters the mean of pairs."),
    ] = 30,
    letters_from: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=6,
            help="ICM, TE and group count from this expansion on; by default as the scheme says.",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write .html, .csv or .json instead of printing."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare graders on expansion, ICM, TE and the group, with intervals by embryo."""
    from blasto_annotator.reports.agreement import agreement_report

    with look_at(project) as opened:
        scheme = opened.scheme
        if letters_from is not None:
            scheme = replace(scheme, letters_from=letters_from)
        looks = _looks(opened, scheme, from_csv or [], embryo, coding)
    chosen = tuple(name.strip() for name in (graders or "").split(",") if name.strip())
    wanted = tuple(name.lower() for name in criterion or [])
    report = agreement_report(looks, wanted, chosen, bootstrap, seed, min_shared)
    _answer(report, to, as_json)


def _answer(report: AgreementReport, to: Path | None, as_json: bool) -> None:
    """Writes the report, prints it, or both as JSON."""
    from blasto_annotator.reports.agreement_writers import as_value, write_agreement

    if to is not None:
        write_agreement(report, to.expanduser())
    if as_json:
        out_json(as_value(report, images=True))
    elif to is not None:
        out(str(to.expanduser().resolve()))
    else:
        print_report(report)


def _looks(project: Project, scheme: Scheme, files: list[Path], embryo: str, coding: str | None) -> Looks:
    from blasto_annotator.reports.agreement import read_looks
    from blasto_annotator.reports.agreement_tables import looks_of_tables

    if not files:
        return read_looks(project, scheme)
    paths = [path.expanduser() for path in files]
    name = "The table" if len(paths) == 1 else f"These {len(paths)} tables"
    return looks_of_tables(paths, scheme, name, embryo, coding)


def print_report(report: AgreementReport) -> None:
    """The whole report on a terminal."""
    from rich.console import Console

    from blasto_annotator.domain.raters_criteria import CRITERIA
    from blasto_annotator.reports.agreement_words import basis, method, reading, sentences, within_sentence

    console = Console(width=None if Console().is_terminal else 120, highlight=False)
    for part in report.criteria:
        console.print(f"[bold]{CRITERIA[part.criterion]}[/bold]")
        console.print(basis(part.result), reading(part), markup=False)
        for words in sentences(part):
            console.print(f"! {words}", markup=False, style="yellow")
        _print_figures(console, part)
        _print_pairs(console, part)
        _print_advice(console, part)
        for found in part.within:
            console.print(within_sentence(found), markup=False)
        console.print()
    console.print(method(report), markup=False, style="dim")


def _print_figures(console: Console, part: CriterionReport) -> None:
    from rich.table import Table

    from blasto_annotator.reports.agreement_words import FIGURES, number

    table = Table(box=None, pad_edge=False)
    for name in ("Figure", "Value", "95 % from", "to"):
        table.add_column(name, justify="left" if name == "Figure" else "right", no_wrap=True)
    table.add_column("What it is", style="dim", overflow="fold")
    for name, value in part.result.figures.items():
        if not math.isnan(value.value):
            title, what = FIGURES[name]
            table.add_row(title, number(value.value), number(value.low), number(value.high), what)
    console.print(table)


def _print_pairs(console: Console, part: CriterionReport) -> None:
    """Below the diagonal equal grades, above it weighted kappa (kappa where the scale has no order)."""
    from rich.table import Table

    from blasto_annotator.reports.agreement_words import number

    names, result = part.result.ratings.graders, part.result
    if len(names) < 2:
        return
    above = "weighted_kappa" if result.ratings.ordered else "kappa"
    title = f"Equal grades (below), {above.replace('_', ' ')} (above), each two graders"
    table = Table(title=title, title_justify="left", title_style="dim", box=None, pad_edge=False)
    for name in ("", *map(_short, names)):
        table.add_column(name, justify="right", no_wrap=True)
    for row, first in enumerate(names):
        cells = []
        for column, second in enumerate(names):
            pair = result.pair(first, second) if row != column else None
            figure = None if pair is None else getattr(pair, above if column > row else "percent").value
            cells.append("·" if figure is None else number(figure))
        table.add_row(_short(first), *cells)
    console.print(table)


def _print_advice(console: Console, part: CriterionReport) -> None:
    """Each grader's reliability by the models, for the group."""
    from rich.table import Table

    from blasto_annotator.reports.agreement_advice import TITLES, advice_sentence
    from blasto_annotator.reports.agreement_words import number

    if not part.advice:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("Grader")
    for model in part.advice:
        table.add_column(TITLES[model.method], justify="right", no_wrap=True)
    for name in part.result.ratings.graders:
        table.add_row(name, *(number(model.reliability[name]) for model in part.advice))
    console.print(advice_sentence(part.advice), markup=False, style="dim")
    console.print(table)


def _short(name: str) -> str:
    """The end of a long name, which tells `Annotator_1` from `Annotator_2`."""
    return name if len(name) <= _WIDTH else f"…{name[1 - _WIDTH :]}"
