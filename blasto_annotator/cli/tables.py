"""What is said after a table was imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from blasto_annotator.cli.console import note, out, out_json
from blasto_annotator.domain.errors import UserError


class TableReport(Protocol):
    """What an import of a table did."""

    @property
    def imported(self) -> int: ...

    @property
    def skipped(self) -> int: ...

    @property
    def problems(self) -> tuple[str, ...]: ...


def say_imported(
    report: TableReport,
    noun: str,
    file: Path,
    as_json: bool,
    why: str = "",
    empty: int = 0,
    more: Mapping[str, object] | None = None,
) -> None:
    """Counts on stdout, a line for each problem on stderr. `noun` is of one, `more` for scripts.

    Raises:
        UserError: no line of the file was good.
    """
    if report.problems and not report.imported and not report.skipped:
        others = f" (and {len(report.problems) - 1} more)" if len(report.problems) > 1 else ""
        raise UserError(f"No line of {file} could be taken: {report.problems[0].rstrip('.')}{others}.")
    if as_json:
        counts = {"imported": report.imported, "skipped": report.skipped, "problems": report.problems}
        out_json({**counts, **(more or {})})
        return
    if why:
        out(f"{why}.")
    silent = f", {empty} line{'' if empty == 1 else 's'} without a grade" if empty else ""
    said = f"{report.imported} {noun}{'' if report.imported == 1 else 's'} imported"
    out(f"{said}, {report.skipped} stood already{silent}.")
    for problem in report.problems:
        note(problem)
