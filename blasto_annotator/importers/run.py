"""Importing a source into a project: recognise, read, inspect, add, report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, ImportReport, RejectedFile, Source
from blasto_annotator.importers.duplicates import Duplicates
from blasto_annotator.importers.files import check_root
from blasto_annotator.importers.inspection import inspect_all
from blasto_annotator.importers.registry import IMPORTERS, Importer, importer_named
from blasto_annotator.store import Project

Progress = Callable[[int, int | None], None]
_TELL_EVERY = 50


class ImportCancelled(UserError):  # noqa: N818 (it is an outcome, said in a sentence)
    """The person stopped the import; what was read by then is in the project."""


def recognise(root: Path) -> tuple[Importer, str]:
    """The layout of a folder, and why.

    Raises:
        UserError: missing, closed, or without images.
    """
    root = check_root(root)
    for importer in IMPORTERS:
        reason = importer.can_read(root)
        if reason:
            return importer, reason
    raise _empty(root)


def import_source(
    project: Project,
    root: Path,
    layout: str | None = None,
    options: Mapping[str, Any] | None = None,
    who: str = "",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImportReport:
    """Adds the source's new frames to the project and says what was left out and why.

    A second import of the same source adds nothing. Options: those of the layout, and `duplicates`: `report`
    (default) leaves out the second file with the same content, `keep` takes both.

    Raises:
        UserError: the folder or an option cannot be used.
        ImportCancelled: `cancelled` said so; frames read by then are in the project.
    """
    root = check_root(root)
    chosen = dict(options or {})
    importer = _importer(root, layout, chosen)
    reading = _Reading(root, importer, chosen, progress, cancelled)
    frames = reading.frames()
    first = next(frames, None)
    if first is None and not reading.rejected:
        raise _empty(root)
    added, known, name = 0, 0, root.name
    if first is not None:
        source = _source(project, root, importer, chosen)
        added, known = project.frames.add(source, chain([first], frames), who)
        name = source.name
    return reading.report(name, added, known)


def _importer(root: Path, layout: str | None, options: Mapping[str, Any]) -> Importer:
    if options.get("duplicates", "report") not in ("report", "keep"):
        raise UserError(f"duplicates is “{options['duplicates']}”; use report or keep.")
    if layout:
        return importer_named(layout)
    named = options.get("pattern") or options.get("preset")
    return importer_named("folder") if named else recognise(root)[0]


@dataclass
class _Reading:
    """One pass over a source; counts what it passes on."""

    root: Path
    importer: Importer
    options: Mapping[str, Any]
    progress: Progress | None
    cancelled: Callable[[], bool] | None
    rejected: list[RejectedFile] = field(default_factory=list)
    embryos: set[str] = field(default_factory=set)
    planes: set[int] = field(default_factory=set)

    def frames(self) -> Iterator[ImportedFrame]:
        """New content only; everything else goes to `rejected`."""
        keep_copies = self.options.get("duplicates") == "keep"
        duplicates = Duplicates(self.root)
        done = 0
        for file in inspect_all(self.root, self.importer.read(self.root, self.options)):
            done += 1
            self._tell(done)
            if isinstance(file, RejectedFile):
                self.rejected.append(file)
                continue
            first = None if keep_copies else duplicates.first_of(file)
            if first is not None:
                self.rejected.append(RejectedFile(file.frame.path, f"duplicate of {first}"))
                continue
            self._count(file.frame)
            yield file.frame
        self._tell(done, always=True)

    def _count(self, frame: ImportedFrame) -> None:
        self.embryos.add(frame.embryo)
        if frame.plane is not None:
            self.planes.add(frame.plane)

    def _tell(self, done: int, always: bool = False) -> None:
        if not always and done % _TELL_EVERY:
            return
        if self.cancelled is not None and self.cancelled():
            raise ImportCancelled(
                f"The import of {self.root.name} was stopped after {done:,} files; import it again to go on."
            )
        if self.progress is not None:
            self.progress(done, done if always else None)

    def report(self, source: str, added: int, known: int) -> ImportReport:
        planes = tuple(sorted(self.planes))
        return ImportReport(
            source, self.importer.name, added, known, len(self.embryos), planes, tuple(self.rejected)
        )


def _source(project: Project, root: Path, importer: Importer, options: Mapping[str, Any]) -> Source:
    return project.frames.add_source(root, importer.name, root.name, options)


def _empty(root: Path) -> UserError:
    return UserError(f"The folder {root} holds no images; choose the folder that holds the frames.")
