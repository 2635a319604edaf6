"""Finding the same content twice in a source without reading every file in full.

Only files whose size and last kilobyte agree are hashed. Two names of one file (hard links) are no copies:
somebody linked them on purpose, and they cost nothing.
"""

from __future__ import annotations

from pathlib import Path

from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.importers.inspection import Inspected


class Duplicates:
    """Remembers what a source's import has seen."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._first: dict[int, str] = {}
        self._hashed: dict[str, str] = {}
        self._known: set[str] = set()

    def first_of(self, file: Inspected) -> str | None:
        """The path of the earlier file with the same content; None for new content.

        Raises:
            ImageError: one of the two vanished meanwhile.
        """
        path = file.frame.path
        earlier = self._first.setdefault(file.fingerprint, path)
        if earlier == path or self._is_link(earlier, file):
            return None
        self._hash(earlier)
        first = self._hash(path)
        return None if first == path else first

    def _is_link(self, earlier: str, file: Inspected) -> bool:
        state = (self._root / earlier).stat()
        return (state.st_dev, state.st_ino) == file.identity

    def _hash(self, path: str) -> str:
        """The first path with this path's content."""
        if path in self._known:
            return path
        first = self._hashed.setdefault(sha256_file(self._root / path), path)
        if first == path:
            self._known.add(path)
        return first
