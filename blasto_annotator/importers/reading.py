"""One pass over a source: inspect each file, leave out duplicates, copy into the project where wanted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.importers.duplicates import Duplicates
from blasto_annotator.importers.inspection import inspect_all
from blasto_annotator.importers.keeping import keep_copy

Progress = Callable[[int, int | None], None]
SAMPLED = 32
"""Frames of a source whose content is remembered at import, to know it again in another place."""
_TELL_EVERY = 50


class ImportCancelled(UserError):  # noqa: N818 (it is an outcome, said in a sentence)
    """The person stopped the import; what was read by then is in the project."""


@dataclass
class Reading:
    """Passes new frames on and counts them; whatever ends it early is kept for after the commit."""

    name: str
    root: Path
    """Where the files lie that are opened."""
    entries: Iterable[ImportedFrame | RejectedFile]
    keep_duplicates: bool
    keep_in: Path | None
    """Where the project's copies go; None where the files stay."""
    progress: Progress | None
    cancelled: Callable[[], bool] | None
    rejected: list[RejectedFile] = field(default_factory=list)
    embryos: set[str] = field(default_factory=set)
    planes: set[int] = field(default_factory=set)
    sample: list[str] = field(default_factory=list)
    """Paths of some frames, any of them equally likely."""
    ended: UserError | None = None
    """Why the reading ended early; what was passed on before is good."""
    _passed: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 (no secret)

    def frames(self) -> Iterator[ImportedFrame]:
        """New content only; everything else goes to `rejected`."""
        duplicates = Duplicates(self.root)
        done = 0
        try:
            for file in inspect_all(self.root, self.entries):
                done += 1
                self._tell(done)
                if isinstance(file, RejectedFile):
                    self.rejected.append(file)
                    continue
                first = None if self.keep_duplicates else duplicates.first_of(file)
                reason = f"duplicate of {first}" if first is not None else self._keep(file.frame)
                if reason:
                    self.rejected.append(RejectedFile(file.frame.path, reason))
                    continue
                self._count(file.frame)
                yield file.frame
            self._tell(done, always=True)
        except UserError as error:
            self.ended = error

    def _keep(self, frame: ImportedFrame) -> str | None:
        if self.keep_in is None:
            return None
        return keep_copy(self.root / frame.path, self.keep_in / frame.path)

    def _count(self, frame: ImportedFrame) -> None:
        self.embryos.add(frame.embryo)
        if frame.plane is not None:
            self.planes.add(frame.plane)
        self._passed += 1
        if len(self.sample) < SAMPLED:
            self.sample.append(frame.path)
        elif (place := int(self._chance.random() * self._passed)) < SAMPLED:
            self.sample[place] = frame.path

    def _tell(self, done: int, always: bool = False) -> None:
        if not always and done % _TELL_EVERY:
            return
        if self.cancelled is not None and self.cancelled():
            raise ImportCancelled(
                f"The import of {self.name} was stopped after {done:,} files; import it again to go on."
            )
        if self.progress is not None:
            self.progress(done, done if always else None)


def chosen(
    entries: Iterable[ImportedFrame | RejectedFile], files: tuple[str, ...]
) -> Iterator[ImportedFrame | RejectedFile]:
    """Only what is about these files; all of it where none are named."""
    return (entry for entry in entries if not files or entry.path in files)
