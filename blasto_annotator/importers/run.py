"""Importing a source into a project: recognise, read, inspect, add, report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, ImportReport, RejectedFile, Source
from blasto_annotator.importers.files import check_root, is_image_name
from blasto_annotator.importers.films import FilmImporter, is_film_or_stack
from blasto_annotator.importers.hashing import hash_frames
from blasto_annotator.importers.keeping import ORIGINAL, keep_copy, kept_folder, kept_source
from blasto_annotator.importers.overlaps import without_known
from blasto_annotator.importers.reading import ImportCancelled, Progress, Reading, chosen
from blasto_annotator.importers.registry import IMPORTERS, Importer, importer_named
from blasto_annotator.importers.saeedi import SaeediImporter
from blasto_annotator.importers.stills import gathered
from blasto_annotator.store import Project

__all__ = ["ImportCancelled", "first_entries", "import_source", "place_of", "recognise", "remarks_on"]

REMEMBERED = ("burned_in",)
"""Options of a source that a person has set since; another import of it keeps them."""


def place_of(path: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder to import, and the one file of it where a film, a stack or an image is named.

    Raises:
        UserError: missing, closed, or a file that holds no frames.
    """
    path = path.expanduser().absolute()
    if path.is_file() and (is_image_name(path.name) or is_film_or_stack(path)):
        return check_root(path.parent), (path.name,)
    return check_root(path), ()


def recognise(root: Path) -> tuple[Importer, str]:
    """The layout of a folder or of a single file, and why.

    Raises:
        UserError: missing, closed, or without images.
    """
    root, files = place_of(root)
    if files:
        return _recognised_file(root, files[0])
    for importer in IMPORTERS:
        reason = importer.can_read(root)
        if reason:
            return importer, reason
    raise _empty(root)


def first_entries(
    path: Path, layout: str, options: Mapping[str, Any], count: int
) -> list[ImportedFrame | RejectedFile]:
    """How the first files of a folder, or a single file, would be read; nothing is written.

    Raises:
        UserError: the folder or an option cannot be used.
    """
    root, files = place_of(path)
    entries = importer_named(layout).read(root, options)
    about = (entry for entry in entries if not files or _is_about(entry.path, files[0]))
    return list(islice(about, count))


def remarks_on(path: Path, layout: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """What a person should look at before frames are read so."""
    root, files = place_of(path)
    if layout != "folder" or files or options.get("pattern") or options.get("preset"):
        return ()
    return tuple(filter(None, [gathered(root)]))


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

    A second import of the same source adds nothing. Options: those of the layout; `duplicates`: `report`
    (default) leaves out the second file with the same content, `keep` takes both; `files`: `stay` (default)
    where they are, or `copy` into the project, which then can be moved as a whole. Videos and stacks are
    unpacked into the project.

    Raises:
        UserError: the folder or an option cannot be used, or the disk is full; frames read by then are kept.
        ImportCancelled: `cancelled` said so; frames read by then are in the project.
    """
    named, (root, files) = root, place_of(root)
    asked = dict(options or {})
    importer, reason = _importer(named, layout, asked)
    place = _place(project, root, importer, asked)
    entries = _entries(project, root, place, importer, asked, files)
    keep_duplicates = asked.get("duplicates") == "keep" or place.unpacked
    reading = Reading(
        root.name, place.read_at, entries, keep_duplicates, place.copy_to, progress, cancelled
    )  # fmt: skip
    frames = reading.frames()
    first = next(frames, None)
    if first is None and not reading.rejected and reading.ended is None:
        raise _empty(root)
    added, known, name = 0, 0, root.name
    if first is not None:
        source = _source(project, root, place, importer, asked)
        added, known = project.frames.add(source, chain([first], frames), who)
        _remember_content(project, source, reading.sample)
        reading.rejected += _copy_companions(importer, root, place)
        name = source.name
    if reading.ended is not None:
        raise reading.ended
    planes, rejected = tuple(sorted(reading.planes)), tuple(reading.rejected)
    remarks = remarks_on(root, importer.name, asked)
    return ImportReport(
        name, importer.name, added, known, len(reading.embryos), planes, rejected, reason, remarks
    )


@dataclass(frozen=True)
class _Place:
    """Where frames are read from, and where the project finds them later."""

    read_at: Path
    stored_at: Path
    copy_to: Path | None
    unpacked: bool


def _place(project: Project, root: Path, importer: Importer, options: Mapping[str, Any]) -> _Place:
    if isinstance(importer, FilmImporter):
        folder = kept_folder(project, root)
        return _Place(folder, folder, None, unpacked=True)
    wanted = str(options.get("files") or ("copy" if kept_source(project, root) else "stay"))
    if wanted not in ("stay", "copy"):
        raise UserError(f"files is “{wanted}”; use stay or copy.")
    if wanted == "stay" or root.is_relative_to(project.folder.resolve()):
        return _Place(root, root, None, unpacked=False)
    _refuse_both(project, root)
    folder = kept_folder(project, root)
    return _Place(root, folder, folder, unpacked=False)


def _copy_companions(importer: Importer, root: Path, place: _Place) -> list[RejectedFile]:
    """Copies what a layout needs beside its frames, such as masks; says which files could not be."""
    if place.copy_to is None or not isinstance(importer, SaeediImporter):
        return []
    left = ((path, keep_copy(root / path, place.copy_to / path)) for path in importer.companions(root))
    return [RejectedFile(path, reason) for path, reason in left if reason]


def _refuse_both(project: Project, root: Path) -> None:
    if any(source.root == root.resolve() for source in project.frames.sources()):
        raise UserError(
            f"{root.name} was imported before with its files left where they are; import it so again, or "
            "copy it into a new project."
        )


def _entries(
    project: Project,
    root: Path,
    place: _Place,
    importer: Importer,
    options: Mapping[str, Any],
    files: tuple[str, ...],
) -> Iterator[ImportedFrame | RejectedFile]:
    if isinstance(importer, FilmImporter):
        return importer.unpack(root, place.stored_at, options, files)
    return without_known(project, root, chosen(importer.read(root, options), files))


def _importer(root: Path, layout: str | None, options: Mapping[str, Any]) -> tuple[Importer, str]:
    """The layout, and why where it is recognised."""
    if options.get("duplicates", "report") not in ("report", "keep"):
        raise UserError(f"duplicates is “{options['duplicates']}”; use report or keep.")
    if layout:
        return importer_named(layout), ""
    named = options.get("pattern") or options.get("preset")
    return (importer_named("folder"), "") if named else recognise(root)


def _is_about(path: str, file: str) -> bool:
    """Whether a frame is the file, or comes out of it."""
    return path == file or path.startswith(f"{file}/")


def _recognised_file(root: Path, name: str) -> tuple[Importer, str]:
    if is_film_or_stack(root / name):
        return importer_named("films"), f"the file {name} alone"
    return importer_named("folder"), f"the image {name} alone"


def _source(
    project: Project, root: Path, place: _Place, importer: Importer, options: Mapping[str, Any]
) -> Source:
    """The source, with what is remembered of an earlier import of it."""
    stored = place.stored_at.resolve()
    before = next((source for source in project.frames.sources() if source.root == stored), None)
    kept = {name: before.options[name] for name in REMEMBERED if before and name in before.options}
    chosen = {name: value for name, value in options.items() if value not in (None, "")} | kept
    if place.copy_to is not None or place.unpacked:
        chosen[ORIGINAL] = str(root)
    return project.frames.add_source(place.stored_at, importer.name, place.stored_at.name, chosen)


def _remember_content(project: Project, source: Source, sample: list[str]) -> None:
    """Content hashes of a few frames, by which the source is known again if it is moved."""
    frames = [frame for path in sample for frame in project.frames.by_path(path, source.id)]
    hash_frames(project, frames)


def _empty(root: Path) -> UserError:
    return UserError(f"The folder {root} holds no images; choose the folder that holds the frames.")
