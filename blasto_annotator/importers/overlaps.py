"""Sources that lie inside one another: a file that is a frame of one is not taken again as another's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from blasto_annotator.domain.frames import ImportedFrame, RejectedFile, Source
from blasto_annotator.importers.keeping import ORIGINAL
from blasto_annotator.store import Project

_AT_ONCE = 500
_Entry = ImportedFrame | RejectedFile


def without_known(project: Project, root: Path, entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """The entries of `root`, those left out that a source above or below it has as frames."""
    root = root.resolve()
    sources = [(source, _origin(source)) for source in project.frames.sources()]
    own = next((source for source, origin in sources if origin == root), None)
    others = [(source, origin) for source, origin in sources if origin != root and _overlap(origin, root)]
    waiting = iter(entries)
    while others and (chunk := list(islice(waiting, _AT_ONCE))):
        yield from _told(project, chunk, _known(project, root, own, others, chunk))
    yield from waiting


def _known(
    project: Project, root: Path, own: Source | None, others: list[tuple[Source, Path]], chunk: list[_Entry]
) -> dict[str, str]:
    """Path below `root` to the name of the other source that has it."""
    paths = {entry.path for entry in chunk if isinstance(entry, ImportedFrame)}
    if own is not None:
        paths -= project.frames.at_paths(paths, own.id).keys()
    found: dict[str, str] = {}
    for source, origin in others:
        there = {path: below for path in paths if (below := _moved(path, root, origin)) is not None}
        stored = project.frames.at_paths(set(there.values()), source.id)
        found |= {path: source.name for path, below in there.items() if below in stored}
    return found


def _told(project: Project, chunk: list[_Entry], known: dict[str, str]) -> Iterator[_Entry]:
    for entry in chunk:
        name = known.get(entry.path) if isinstance(entry, ImportedFrame) else None
        yield (
            entry if name is None else RejectedFile(entry.path, f"is a frame of the source “{name}” already")
        )


def _origin(source: Source) -> Path:
    """Where its files were read: a source that was copied into the project knows it still."""
    original = source.options.get(ORIGINAL)
    return Path(str(original)).resolve() if original else source.root.resolve()


def _overlap(first: Path, second: Path) -> bool:
    return first.is_relative_to(second) or second.is_relative_to(first)


def _moved(path: str, root: Path, origin: Path) -> str | None:
    """A path below `root` as one below `origin`; None where it does not lie there."""
    if root.is_relative_to(origin):
        return (PurePosixPath(root.relative_to(origin).as_posix()) / path).as_posix()
    start = f"{origin.relative_to(root).as_posix()}/"
    return path.removeprefix(start) if path.startswith(start) else None
