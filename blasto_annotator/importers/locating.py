"""Finding a source again that was moved: by names, and by the content of frames that were hashed before.

A folder is taken only where every frame that was looked at is what it was. Every import remembers the
content of a few frames, and every label of more, so that there is something to know a source by; frames
without a hash are compared by size. One frame that differs refuses the folder; missing frames are said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Source
from blasto_annotator.imaging.errors import ImageError
from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.importers.files import check_root, entries
from blasto_annotator.store import Project
from blasto_annotator.store.sources import KnownFile

HASHED, SIZED = 100, 200
"""Frames compared by content and by size."""
_PROBES = 5
"""Files of which one must be there for a folder to be compared."""
_DEPTH = 3
"""Folders below the chosen one that are tried."""
_FOLDERS = 2_000

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Found:
    """A folder in which a source lies now."""

    source: Source
    root: Path
    same: int
    """Frames whose content is what it was."""
    sized: int
    """Frames never hashed, of the right size."""
    missing: tuple[str, ...]
    """Paths of those looked at that are not there."""
    looked_at: int

    @property
    def sentence(self) -> str:
        """What was compared, for a person."""
        said = f"{self.same} of {self.looked_at} frames compared have the same content"
        if self.sized:
            said += f", {self.sized} more the same size"
        return f"{said}, {len(self.missing)} are missing" if self.missing else said


def missing_sources(project: Project) -> list[Source]:
    """Sources whose folder is not there."""
    return [source for source in project.frames.sources() if not _is_there(source.root)]


def find_source(project: Project, source: Source, folder: Path, progress: Progress | None = None) -> Found:
    """Where in `folder` (in it, under its old name below it, or in a folder inside) the source lies now.

    Raises:
        UserError: it is not there, or what is there are other images under the same names.
    """
    folder = check_root(folder)
    hashed, sized = project.frames.known_files(source.id, HASHED, SIZED)
    if not hashed and not sized:
        raise UserError(f"“{source.name}” has no frames by which it could be known again.")
    known = [*hashed, *sized]
    probes = [file.path for file in known[:: max(1, len(known) // _PROBES)]]
    differing: UserError | None = None
    for root in _candidates(folder, source, probes):
        try:
            return _compared(source, root, hashed, sized, progress)
        except UserError as error:
            differing = error
    raise differing or UserError(
        f"“{source.name}” is not in {folder}: it has no {probes[0]}; choose the folder with its files."
    )


def locate(
    project: Project,
    source: Source,
    folder: Path,
    who: str = "",
    partial: bool = False,
    progress: Progress | None = None,
) -> Found:
    """Looks for the source in `folder` and, where it is there, has the project read it from there (audited).

    `partial` accepts a folder in which some frames are missing.

    Raises:
        UserError: not found, other images, frames missing without `partial`, or another source lies there.
    """
    found = find_source(project, source, folder, progress)
    if found.missing and not partial:
        raise UserError(
            f"{found.root} lacks {len(found.missing)} of {found.looked_at} frames of “{source.name}”, such "
            f"as {found.missing[0]}; complete it, or accept what is there (--partial)."
        )
    project.frames.move_source(source.id, found.root, who, found.sentence)
    return found


def source_named(project: Project, name: str) -> Source:
    """The source with this name, number or folder.

    Raises:
        UserError: none, or several.
    """
    sources = project.frames.sources()
    fitting = [source for source in sources if name in (source.name, str(source.id), str(source.root))]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{source.id} “{source.name}”" for source in sources) or "none yet"
    what = "Several sources are" if fitting else "No source is"
    raise UserError(f"{what} called “{name}”; give the number of one of these: {known}.")


def _is_there(root: Path) -> bool:
    try:
        return root.is_dir()
    except OSError:  # a drive that is asleep or closed: as good as gone
        return False


def _candidates(folder: Path, source: Source, probes: Sequence[str]) -> Iterator[Path]:
    """Folders that hold a probe under its path: the chosen one first, then what lies near."""
    for near in (folder, folder / source.root.name, folder.parent, folder.parent / source.root.name):
        if any((near / probe).is_file() for probe in probes):
            yield near
    for inner in _below(folder):
        if inner != folder / source.root.name and any((inner / probe).is_file() for probe in probes):
            yield inner


def _below(folder: Path) -> Iterator[Path]:
    level, seen = [folder], 0
    for _ in range(_DEPTH):
        following: list[Path] = []
        for place in level:
            try:
                following.extend(Path(entry.path) for entry in entries(place)[0])
            except OSError:  # a closed folder holds nothing for us
                continue
        for place in following:
            seen += 1
            if seen > _FOLDERS:
                return
            yield place
        level = following


def _compared(
    source: Source,
    root: Path,
    hashed: Sequence[KnownFile],
    sized: Sequence[KnownFile],
    progress: Progress | None,
) -> Found:
    total, missing, same = len(hashed) + len(sized), [], 0
    for done, frame in enumerate(hashed, start=1):
        try:
            if sha256_file(root / frame.path) != frame.sha256:
                raise _other(source, root, frame)
            same += 1
        except ImageError:
            missing.append(frame.path)
        if progress is not None:
            progress(done, total)
    right = 0
    for frame in sized:
        found = _size(root / frame.path)
        if found is None:
            missing.append(frame.path)
        elif found != frame.size:
            raise _other(source, root, frame)
        else:
            right += 1
    if hashed and not same:
        raise UserError(f"None of the frames of “{source.name}” that are known by content is in {root}.")
    return Found(source, root, same, right, tuple(missing), total)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _other(source: Source, root: Path, frame: KnownFile) -> UserError:
    return UserError(
        f"{root} holds other images under the names of “{source.name}”: {frame.path} has another content. "
        "Nothing was changed; choose the folder that the files were moved to."
    )
