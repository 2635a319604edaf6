"""Reading table files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.tables import parse_rows, parse_table


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Line number and cells of each line that is not blank.

    Raises:
        UserError: missing, unreadable, or no text.
    """
    return parse_rows(_bytes(path), path.name)


def read_table(path: Path, one_of: tuple[str, ...]) -> list[tuple[int, Mapping[str, str]]]:
    """Line number and cells by column name.

    Raises:
        UserError: missing, unreadable, empty, or none of the columns `one_of` is there.
    """
    return parse_table(_bytes(path), path.name, one_of)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"“{path}” cannot be read ({error.strerror}); check the name and the permission."
        ) from error
