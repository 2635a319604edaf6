"""Small tables as laboratories write them: comma, semicolon or tab, with or without a BOM, any line ends."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping

from blasto_annotator.domain.errors import UserError

_SEPARATORS = ",;\t"
_LOOKED_AT = 20
_QUOTED = re.compile(r'"[^"]*"')


def decode_text(data: bytes, name: str) -> str:
    """A file's bytes as text: UTF-8 with or without BOM, UTF-16 with BOM, Windows-1252 otherwise.

    Raises:
        UserError: no text; the sentence names the file `name`.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise UserError(f"“{name}” is not a text file; save the table as CSV and try again.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def parse_rows(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Line number and stripped cells of each line that is not blank.

    Raises:
        UserError: no text.
    """
    lines = decode_text(data, name).splitlines(keepends=True)  # a quoted cell may hold several lines
    reader = csv.reader(lines, delimiter=_separator(lines))
    rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    return [(number, cells) for number, cells in rows if any(cells)]


def parse_table(data: bytes, name: str, one_of: tuple[str, ...]) -> list[tuple[int, Mapping[str, str]]]:
    """Line number and cells by column name (lower case); absent cells are empty.

    Raises:
        UserError: no text, empty, or none of the columns `one_of` is there.
    """
    rows = parse_rows(data, name)
    if not rows:
        raise UserError(f"“{name}” is empty; its first line must name the columns.")
    names = [column.lower() for column in rows[0][1]]
    if not any(column in names for column in one_of):
        wanted = " or ".join(f"“{column}”" for column in one_of)
        raise UserError(f"“{name}” has no column {wanted}; its first line must name the columns.")
    blank = [""] * len(names)
    return [(number, dict(zip(names, cells + blank, strict=False))) for number, cells in rows[1:]]


def parse_yes(text: str, column: str) -> bool | None:
    """A yes or no as people write it; None where the cell is empty.

    Raises:
        UserError: neither.
    """
    word = text.strip().lower()
    if not word:
        return None
    if word in ("1", "1.0", "yes", "y", "true", "x", "w"):
        return True
    if word in ("0", "0.0", "no", "n", "false"):
        return False
    raise UserError(f"“{text}” in the column {column} is neither yes nor no; write 1 or 0.")


def _separator(lines: list[str]) -> str:
    """Whichever separator cuts most of the first lines into as many cells; a comma where none does.

    The first line alone may be a title above the table, and a comma may stand in a number.
    """
    first = [_QUOTED.sub("", line) for line in lines if line.strip()][:_LOOKED_AT]

    def agreement(separator: str) -> tuple[int, int]:
        counts = Counter(line.count(separator) for line in first if separator in line)
        return max(((lines, count) for count, lines in counts.items()), default=(0, 0))

    return max(_SEPARATORS, key=agreement)
