"""Content hashes of many frames: read in threads, stored in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.imaging.hashing import sha256_file
from blasto_annotator.store import Project

_THREADS = 8
_AT_ONCE = 512
Progress = Callable[[int, int | None], None]


def hash_frames(project: Project, frames: Iterable[Frame], progress: Progress | None = None) -> None:
    """Hashes those frames that have no hash yet; files that cannot be read stay without one."""
    missing = [frame for frame in frames if frame.sha256 is None]
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="hash") as pool:
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            hashes = pool.map(lambda frame: _hash(project, frame), part)
            pairs = [(frame.id, sha256) for frame, sha256 in zip(part, hashes, strict=True) if sha256]
            project.frames.set_hashes(pairs)
            if progress is not None:
                progress(start + len(part), len(missing))


def all_frames(project: Project) -> Iterator[Frame]:
    """Every frame of the project, by embryo."""
    for embryo in project.frames.embryos():
        yield from project.frames.of_embryo(embryo.id)


def _hash(project: Project, frame: Frame) -> str | None:
    try:
        return sha256_file(project.frames.file(frame))
    except UserError:  # whoever needs this frame is told when asking for it
        return None
