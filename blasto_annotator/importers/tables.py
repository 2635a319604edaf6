"""Small tables as laboratories write them: comma, semicolon or tab, with or without a BOM, any line ends."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from blasto_annotator.domain.errors import UserError

_SEPARATORS = ",;\t"


def read_text(path: Path) -> str:
    """The file as text: UTF-8 with or without BOM, UTF-16 with BOM, Windows-1252 otherwise.

    Raises:
        UserError: missing, unreadable, or no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"“{path}” cannot be read ({error.strerror}); check the name and the permission."
        ) from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise UserError(f"“{path.name}” is not a text file; save the table as CSV and try again.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Line number and stripped cells of each line that is not blank."""
    lines = read_text(path).splitlines()
    reader = csv.reader(lines, delimiter=_separator(lines))
    rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    return [(number, cells) for number, cells in rows if any(cells)]


def read_table(path: Path, one_of: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number and cells by column name (lower case); absent cells are empty.

    Raises:
        UserError: empty, or none of the columns `one_of` is there.
    """
    rows = read_rows(path)
    if not rows:
        raise UserError(f"“{path.name}” is empty; its first line must name the columns.")
    names = [name.lower() for name in rows[0][1]]
    if not any(name in names for name in one_of):
        wanted = " or ".join(f"“{name}”" for name in one_of)
        raise UserError(f"“{path.name}” has no column {wanted}; its first line must name the columns.")
    return ((number, dict(zip(names, cells + [""] * len(names), strict=False))) for number, cells in rows[1:])


def _separator(lines: list[str]) -> str:
    """Whichever separator the first line holds most of; a comma where it holds none."""
    first = next((line for line in lines if line.strip()), "")
    return max(_SEPARATORS, key=first.count)
