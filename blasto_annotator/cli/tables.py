"""What is said after a table was imported."""

from __future__ import annotations

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


def say_imported(report: TableReport, noun: str, file: Path, as_json: bool) -> None:
    """Counts on stdout, a line for each problem on stderr.

    Raises:
        UserError: no line of the file was good.
    """
    if report.problems and not report.imported and not report.skipped:
        more = f" (and {len(report.problems) - 1} more)" if len(report.problems) > 1 else ""
        raise UserError(f"No line of {file} could be taken: {report.problems[0].rstrip('.')}{more}.")
    if as_json:
        out_json({"imported": report.imported, "skipped": report.skipped, "problems": report.problems})
        return
    out(f"{report.imported} {noun} imported, {report.skipped} stood already.")
    for problem in report.problems:
        note(problem)
