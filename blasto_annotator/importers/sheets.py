"""Spreadsheets as laboratories keep them: CSV in any dialect, and Excel workbooks (.xlsx)."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from blasto_annotator.domain.errors import UserError
from blasto_annotator.importers.tables import read_rows

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
SHEET_SUFFIXES = (".csv", ".tsv", ".txt", *WORKBOOK_SUFFIXES)
MAX_ROWS = 200_000
UNCALCULATED = "(formula without a value)"
"""Stands in a cell whose formula no spreadsheet has calculated yet."""
_OLE = b"\xd0\xcf\x11\xe0"
"""The first bytes of an old .xls, and of a workbook with a password."""

Line = tuple[int, list[str]]


@dataclass(frozen=True)
class Sheet:
    """The cells of one table, as text."""

    name: str
    """Of the file, and of the worksheet where there are several."""
    lines: Sequence[Line]
    """Line number and cells of each line that is not blank."""


def read_sheet(path: Path, worksheet: str | None = None) -> Sheet:
    """The table in a CSV file or in a workbook's worksheet (the first that holds anything by default).

    Formulas count by the value that the spreadsheet last calculated.

    Raises:
        UserError: missing, unreadable, protected, an old .xls, no such worksheet, or too long.
    """
    suffix = path.suffix.lower()
    if suffix == ".xls":
        raise UserError(f"“{path.name}” is an old Excel file; save it as .xlsx or CSV and try again.")
    if suffix not in WORKBOOK_SUFFIXES:
        if worksheet:
            raise UserError(f"“{path.name}” is no workbook and has no sheet “{worksheet}”; leave it out.")
        return Sheet(path.name, read_rows(path))
    return _workbook(path, worksheet)


def worksheets(path: Path) -> list[str]:
    """Names of a workbook's sheets; none for a CSV file.

    Raises:
        UserError: the workbook cannot be read.
    """
    return list(_open(path).sheetnames) if path.suffix.lower() in WORKBOOK_SUFFIXES else []


def _workbook(path: Path, wanted: str | None) -> Sheet:
    book = _open(path)
    if wanted and wanted not in book.sheetnames:
        known = ", ".join(f"“{name}”" for name in book.sheetnames)
        raise UserError(f"“{path.name}” has no sheet “{wanted}”; it has {known}.")
    for name in [wanted] if wanted else book.sheetnames:
        lines = list(_lines(book[name], path))
        if lines:
            several = len(book.sheetnames) > 1
            return Sheet(f"{path.name}, sheet {name}" if several else path.name, _told(path, name, lines))
    raise UserError(f"“{path.name}” is empty; its first line must name the columns.")


def _open(path: Path, values: bool = True) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == _OLE:
            raise UserError(
                f"“{path.name}” is protected by a password or an old Excel file; save it as .xlsx "
                "without one."
            )
        return load_workbook(path, read_only=True, data_only=values)
    except OSError as error:
        raise UserError(
            f"“{path}” cannot be read ({error.strerror}); check the name and permission."
        ) from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, ParseError, EOFError) as error:
        raise UserError(
            f"“{path.name}” is no readable Excel workbook ({error}); save it again, or as CSV."
        ) from error


def _lines(worksheet: Any, path: Path) -> Iterator[Line]:
    worksheet.reset_dimensions()  # some programs write a wrong size
    for number, cells in enumerate(worksheet.iter_rows(values_only=True), start=1):
        if number > MAX_ROWS:
            raise UserError(
                f"“{path.name}” has more than {MAX_ROWS:,} lines; keep the table of grades alone."
            )
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _told(path: Path, name: str, lines: list[Line]) -> list[Line]:
    """The lines, with formulas that have no value marked: their cells would look empty."""
    width = len(lines[0][1])
    if all(all(cells[:width]) for _, cells in lines):
        return lines
    written = dict(_lines(_open(path, values=False)[name], path))
    for number, cells in lines:
        for place, text in enumerate(written.get(number, [])):
            if text.startswith("=") and place < len(cells) and not cells[place]:
                cells[place] = UNCALCULATED
    return lines


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).strip()
