"""Content hashes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from blasto_annotator.imaging.errors import unreadable


def sha256_file(path: Path) -> str:
    """SHA-256 of the file's bytes, as 64 hexadecimal digits.

    Raises:
        ImageError (a UserError): missing or unreadable.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error
