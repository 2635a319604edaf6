"""What a table of grades means: its codes, and the reason shown to a person. `titles` finds its columns.

Three kinds are read. Our own labels (`image` or `sha256`, `expansion`, `icm`, `te`, `gradable`, `reason`).
The tables of Kromp et al. 2023 (`Image;EXP_silver;ICM_silver;TE_silver`, or `Annotator_N.csv` without one):
EXP 0-4 is Gardner 1-5, ICM and TE 0-2 are A-C, 3 and ND are not defined, NA is no consensus, blank is not
assessed. And a laboratory's sheet, such as `Filename, BE, ICM, TE`, or any columns that a person names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.importers.sheets import UNCALCULATED, read_sheet
from blasto_annotator.importers.titles import Header, UnclearTableError, find_columns, find_header

Cells = Mapping[str, str]
CODINGS = {
    "gardner": "expansion 1 to 6, letters",
    "kromp": "EXP 0 to 4 read as Gardner 1 to 5, ICM and TE 0 to 2 as A to C",
    "numbers": "expansion 1 to 6, ICM and TE 1 to 4 read as A to D",
}
_KROMP_HEADER = re.compile(r"exp_(silver|gold)")
_KROMP_IMAGE = re.compile(r"(?:.*/)?\d{3,4}_\d{2}\.png", re.IGNORECASE)
_WHOLE = re.compile(r"(\d+)[.,]0+")
"""A whole number as spreadsheets write it: 4.0, or 4,0 in half of Europe."""
_NUMBERED = ("expansion", "icm", "te", "grade")
_NOT_DEFINED = ("3", "ND")
_NOT_ASSESSED = ("?", "-", "–", "—", "/", ".", "n/a", "n.a.", "n.d.", "not assessed", "not visible")
_LETTERS = "ABCD"


@dataclass(frozen=True)
class GradeTable:
    """A table whose columns are understood."""

    name: str
    coding: str
    columns: Mapping[str, str]
    """Field to the column's title, as the file has it."""
    header: int | None
    """Number of the line of titles; None where there is none."""
    why: str
    """How it was recognised, for a person."""
    lines: Sequence[tuple[int, Cells]]
    """Line number and raw cells by field."""

    def read(self, cells: Cells) -> Cells:
        """The cells in our own words: `expansion` 1 to 6, `icm` and `te` as letters.

        Raises:
            UserError: a cell cannot be understood, or says that there is no grade to take.
        """
        for field, text in cells.items():
            if text == UNCALCULATED:
                raise UserError(
                    f"the formula in “{self.columns[field]}” has no value; open and save it in a spreadsheet."
                )
        split = _assessed(_split_grade(cells))
        reader = {"kromp": _from_kromp, "numbers": _from_numbers}.get(self.coding)
        return reader(split) if reader else split


def read_grade_table(
    path: Path,
    columns: Mapping[str, str] | None = None,
    coding: str | None = None,
    worksheet: str | None = None,
) -> GradeTable:
    """The table in a file, its columns recognised unless they are named.

    Raises:
        UserError: it cannot be read, or there is no such column or coding.
        UnclearTableError: no columns that name frames and grades, or codes that could mean two things.
    """
    if coding is not None and coding not in CODINGS:
        raise UserError(f"There is no coding “{coding}”; use {', '.join(CODINGS)}.")
    header = find_header(read_sheet(path, worksheet), columns)
    places = find_columns(header, columns)
    found = {field: header.titles[place] for field, place in places.items()}
    rows = [(number, _cells(cells, places)) for number, cells in header.rows]
    chosen = coding or _coding(header, found, rows)
    return GradeTable(header.name, chosen, found, header.line, _why(header, columns, rows, chosen), rows)


def column_titles(path: Path, worksheet: str | None = None) -> list[str]:
    """The table's column titles, to choose from.

    Raises:
        UserError: unreadable or empty.
    """
    return [title for title in find_header(read_sheet(path, worksheet)).titles if title]


def looks_like_grades(path: Path) -> str | None:
    """Why a file is taken for a table of grades; None where it is none."""
    try:
        return read_grade_table(path).why
    except UserError:
        return None


def _cells(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    found = {field: cells[place] if place < len(cells) else "" for field, place in places.items()}
    for field in _NUMBERED:
        if field in found and (whole := _WHOLE.fullmatch(found[field])):
            found[field] = whole[1]
    return found


def _why(
    header: Header, columns: Mapping[str, str] | None, rows: Sequence[tuple[int, Cells]], coding: str
) -> str:
    count = "1 line" if len(rows) == 1 else f"{len(rows):,} lines"
    above = f" below the titles in line {header.line}" if header.line not in (None, 1) else ""
    return f"{_kind(header, bool(columns), coding)}: {count}{above}; {CODINGS[coding]}"


def _kind(header: Header, named: bool, coding: str) -> str:
    if named:
        return "Columns named by you"
    if header.line is None and coding == "kromp":
        return "One grader's raw table of Kromp et al. 2023 (no header)"
    if header.line is None:
        return "Table without a header, taken as image, expansion, ICM, TE"
    return "Table of Kromp et al. 2023" if _is_kromps(header) else "Table of grades"


def _is_kromps(header: Header) -> bool:
    return any(_KROMP_HEADER.fullmatch(title.casefold()) for title in header.written)


def _coding(header: Header, columns: Mapping[str, str], rows: Sequence[tuple[int, Cells]]) -> str:
    """By header, by names as only Kromp's set has them, or by letters.

    Raises:
        UnclearTableError: digits in place of letters, which laboratories count from 0 or from 1.
    """
    if _is_kromps(header):
        return "kromp"
    letters = {cells.get(field, "") for _, cells in rows for field in ("icm", "te")}
    if any(text.upper() in tuple(_LETTERS) for text in letters):
        return "gardner"
    if header.line is None and all(_KROMP_IMAGE.fullmatch(cells["image"]) for _, cells in rows):
        return "kromp"
    digits = sorted(text for text in letters if text.isdecimal())
    if digits:
        raise UnclearTableError(
            f"“{header.name}” writes ICM and TE as digits ({', '.join(digits[:4])}); write letters, or say "
            "whether 0 or 1 is A.",
            "coding",
            columns,
        )
    if header.line is None:
        raise UnclearTableError(
            f"“{header.name}” has no header and no letters; say whether its expansion runs from 0 or from 1.",
            "coding",
            columns,
        )
    return "gardner"


def _split_grade(cells: Cells) -> Cells:
    """A whole grade in one column, such as 4AB, as its three parts."""
    whole = re.sub(r"\s", "", cells.get("grade", "")).upper()
    if not whole or cells.get("expansion"):
        return cells
    return {**cells, "expansion": whole[:1], "icm": whole[1:2], "te": whole[2:]}


def _assessed(cells: Cells) -> Cells:
    """A cell that says in so many words that a letter was not assessed is an empty one."""
    absent = {field for field in ("icm", "te") if cells.get(field, "").casefold() in _NOT_ASSESSED}
    return {field: "" if field in absent else text for field, text in cells.items()}


def _from_kromp(cells: Cells) -> Cells:
    raw = {name: cells.get(name, "").upper() for name in ("expansion", "icm", "te")}
    if not any(raw.values()):
        return {**cells, **raw}
    for name, text in raw.items():
        if text == "NA":
            raise UserError(f"its graders found no consensus on {_TITLES[name]}.")
    expansion = raw["expansion"]
    if not expansion:
        raise UserError("its expansion was not assessed.")
    if expansion not in tuple("01234"):
        raise UserError(f"“{expansion}” is no expansion of Kromp et al.; theirs run from 0 to 4.")
    letters = {name: _kromp_letter(raw[name], name) for name in ("icm", "te")}
    return {**cells, "expansion": str(int(expansion) + 1), **letters}


_TITLES = {"expansion": "the expansion", "icm": "ICM", "te": "TE"}


def _kromp_letter(text: str, name: str) -> str:
    if text in ("", *_NOT_DEFINED):
        return ""
    if text not in tuple("012"):
        raise UserError(f"“{text}” is no {_TITLES[name]} of Kromp et al.; theirs run from 0 to 2.")
    return _LETTERS[int(text)]


def _from_numbers(cells: Cells) -> Cells:
    found = dict(cells)
    for name in ("icm", "te"):
        text = cells.get(name, "")
        if text and text not in tuple("1234"):
            raise UserError(f"“{text}” is no {_TITLES[name]} in numbers; 1 is A and 4 is D.")
        found[name] = _LETTERS[int(text) - 1] if text else ""
    return found
