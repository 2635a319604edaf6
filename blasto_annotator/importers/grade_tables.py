"""What a table of grades means: its columns by whatever name, its codes, the reason shown to a person.

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
from blasto_annotator.importers.files import is_image_name
from blasto_annotator.importers.sheets import UNCALCULATED, Line, Sheet, read_sheet

Cells = Mapping[str, str]
FIELDS = ("image", "sha256", "expansion", "icm", "te", "grade", "gradable", "reason")
"""What a column can mean."""
CODINGS = {
    "gardner": "expansion 1 to 6, letters",
    "kromp": "EXP 0 to 4 read as Gardner 1 to 5, ICM and TE 0 to 2 as A to C",
    "numbers": "expansion 1 to 6, ICM and TE 1 to 4 read as A to D",
}
_NAMES = {
    "image": (
        "image",
        "filename",
        "file name",
        "file",
        "picture",
        "frame",
        "name",
        "embryo",
        "embryo id",
        "id",
    ),
    "sha256": ("sha256",),
    "expansion": (
        "expansion",
        "exp",
        "be",
        "blastocyst expansion",
        "expansion grade",
        "exp_silver",
        "exp_gold",
    ),
    "icm": ("icm", "inner cell mass", "icm grade", "icm_silver", "icm_gold"),
    "te": ("te", "trophectoderm", "te grade", "te_silver", "te_gold"),
    "grade": ("grade", "gardner", "gardner grade", "score"),
    "gradable": ("gradable",),
    "reason": ("reason",),
}
"""Names of columns by their meaning, the likeliest first."""
_KROMP_HEADER = re.compile(r"exp_(silver|gold)")
_HEADLESS = ("image", "expansion", "icm", "te")
_NOT_DEFINED = ("3", "ND")
_LETTERS = "ABCD"


@dataclass(frozen=True)
class GradeTable:
    """A table whose columns are understood."""

    name: str
    coding: str
    columns: Mapping[str, str]
    """Field to the column's title, as the file has it."""
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
        split = _split_grade(cells)
        reader = {"kromp": _from_kromp, "numbers": _from_numbers}.get(self.coding)
        return reader(split) if reader else split

    @property
    def letters_may_lack(self) -> bool:
        """Whether a grade without letters means “not defined” here, at whatever expansion."""
        return self.coding == "kromp"


def read_grade_table(
    path: Path,
    columns: Mapping[str, str] | None = None,
    coding: str | None = None,
    worksheet: str | None = None,
) -> GradeTable:
    """The table in a file, its columns recognised unless they are named.

    Raises:
        UserError: unreadable, no columns that name frames and grades, or codes that could mean two things.
    """
    if coding is not None and coding not in CODINGS:
        raise UserError(f"There is no coding “{coding}”; use {', '.join(CODINGS)}.")
    sheet = read_sheet(path, worksheet)
    if not sheet.lines:
        raise UserError(f"“{sheet.name}” is empty; its first line must name the columns.")
    titles, lines = _titles(sheet)
    places = _named(titles, columns, sheet) if columns else _recognised(titles, sheet)
    rows = [(number, _cells(cells, places)) for number, cells in lines]
    chosen = coding or _coding(sheet, titles, rows)
    found = {field: titles[place] for field, place in places.items()}
    count = "1 line" if len(rows) == 1 else f"{len(rows):,} lines"
    why = f"{_kind(titles, sheet, bool(columns))}: {count}; {CODINGS[chosen]}"
    return GradeTable(sheet.name, chosen, found, why, rows)


def column_titles(path: Path, worksheet: str | None = None) -> list[str]:
    """The table's column titles, to choose from.

    Raises:
        UserError: unreadable or empty.
    """
    sheet = read_sheet(path, worksheet)
    if not sheet.lines:
        raise UserError(f"“{sheet.name}” is empty; its first line must name the columns.")
    return [title for title in _titles(sheet)[0] if title]


def looks_like_grades(path: Path) -> str | None:
    """Why a file is taken for a table of grades; None where it is none."""
    try:
        return read_grade_table(path).why
    except UserError:
        return None


def _headless(sheet: Sheet) -> bool:
    first = sheet.lines[0][1]
    return len(first) >= len(_HEADLESS) and is_image_name(first[0])


def _titles(sheet: Sheet) -> tuple[list[str], Sequence[Line]]:
    if _headless(sheet):
        return list(_HEADLESS), sheet.lines
    return sheet.lines[0][1], sheet.lines[1:]


def _recognised(titles: Sequence[str], sheet: Sheet) -> dict[str, int]:
    """Field to place of its column: each field takes the likeliest title."""
    plain = [" ".join(title.casefold().split()) for title in titles]
    found = {}
    for field, names in _NAMES.items():
        place = next((plain.index(name) for name in names if name in plain), None)
        if place is not None:
            found[field] = place
    if not {"image", "sha256"} & found.keys():
        raise UserError(
            f"“{sheet.name}” has no column “image” or “sha256” nor one such as Filename; name the column of "
            "the images, for example image=Photo."
        )
    if not {"expansion", "grade", "gradable", "reason"} & found.keys():
        raise UserError(
            f"“{sheet.name}” has no column of grades, such as expansion, icm and te; name them, for example "
            "expansion=Stage."
        )
    return found


def _named(titles: Sequence[str], columns: Mapping[str, str], sheet: Sheet) -> dict[str, int]:
    plain = [title.casefold() for title in titles]
    found = {}
    for field, title in columns.items():
        if field not in FIELDS:
            raise UserError(f"No column can mean “{field}”; use {', '.join(FIELDS)}.")
        if title.casefold() not in plain:
            raise UserError(
                f"“{sheet.name}” has no column “{title}”; it has {', '.join(filter(None, titles))}."
            )
        found[field] = plain.index(title.casefold())
    if not {"image", "sha256"} & found.keys():
        raise UserError(f"Say which column of “{sheet.name}” names the image, for example image={titles[0]}.")
    return found


def _cells(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {field: cells[place] if place < len(cells) else "" for field, place in places.items()}


def _kind(titles: Sequence[str], sheet: Sheet, named: bool) -> str:
    if named:
        return "Columns named by you"
    if _headless(sheet):
        return "One grader's raw table of Kromp et al. 2023 (no header)"
    if any(_KROMP_HEADER.fullmatch(title.casefold()) for title in titles):
        return "Table of Kromp et al. 2023"
    return "Table of grades"


def _coding(sheet: Sheet, titles: Sequence[str], rows: Sequence[tuple[int, Cells]]) -> str:
    """By header; by the letters' look otherwise.

    Raises:
        UserError: digits in place of letters, which laboratories count from 0 or from 1.
    """
    if _headless(sheet) or any(_KROMP_HEADER.fullmatch(title.casefold()) for title in titles):
        return "kromp"
    letters = {cells.get(field, "").removesuffix(".0") for _, cells in rows for field in ("icm", "te")}
    digits = {text for text in letters if text.isdecimal()}
    if digits and not any(text.upper() in _LETTERS for text in letters - digits if text):
        raise UserError(
            f"“{sheet.name}” writes ICM and TE as digits ({', '.join(sorted(digits)[:4])}); say what they "
            "mean: coding kromp (0 is A) or numbers (1 is A)."
        )
    return "gardner"


def _split_grade(cells: Cells) -> Cells:
    """A whole grade in one column, such as 4AB, as its three parts."""
    whole = re.sub(r"\s", "", cells.get("grade", "")).upper()
    if not whole or cells.get("expansion"):
        return cells
    return {**cells, "expansion": whole[:1], "icm": whole[1:2], "te": whole[2:]}


def _from_kromp(cells: Cells) -> Cells:
    raw = {name: cells.get(name, "").removesuffix(".0").upper() for name in ("expansion", "icm", "te")}
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
    if bool(letters["icm"]) != bool(letters["te"]):
        alone = "ICM" if letters["icm"] else "TE"
        raise UserError(f"only {alone} is graded; ICM and TE are graded together here.")
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
        text = cells.get(name, "").removesuffix(".0")
        if text and text not in tuple("1234"):
            raise UserError(f"“{text}” is no {_TITLES[name]} in numbers; 1 is A and 4 is D.")
        found[name] = _LETTERS[int(text) - 1] if text else ""
    return found
