"""Tables that people and programs take away: CSV in UTF-8, whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from gan.contract.jsonfile import write_text


def write_csv(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a table with its titles; a table that was there before stays until the new one is whole.

    Raises:
        UserError: the file cannot be written.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    try:
        write_text(file, text.getvalue())
    except OSError as error:
        raise UserError(
            f"{file} cannot be written ({error.strerror}); choose another folder or free some space."
        ) from error
