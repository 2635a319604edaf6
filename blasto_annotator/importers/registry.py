"""The layouts that can be imported: one line each, the most particular first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.importers.films import FilmImporter
from blasto_annotator.importers.folder import FolderImporter, PresetImporter
from blasto_annotator.importers.gomez import GomezImporter
from blasto_annotator.importers.kromp import KrompImporter
from blasto_annotator.importers.saeedi import SaeediImporter
from blasto_annotator.importers.stills import StillsImporter


class Importer(Protocol):
    """Reads one layout: names only, files are opened by `run.import_source`. Raises, never opens a dialog."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    def can_read(self, path: Path) -> str | None:
        """Why this layout is recognised in the folder, or None where it is not."""
        ...

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[ImportedFrame | RejectedFile]:
        """What lies in the folder; bad options raise UserError at once."""
        ...


IMPORTERS: tuple[Importer, ...] = (
    GomezImporter(),
    KrompImporter(),
    SaeediImporter(),
    PresetImporter("stork", "STORK: stills at seven focal planes"),
    PresetImporter("incubator", "Incubator export: slide, well, focal plane"),
    PresetImporter("timelapse", "Time-lapse: a folder an embryo, RUN numbers"),
    FilmImporter(),
    StillsImporter(),
    FolderImporter(),
)


def importer_named(name: str) -> Importer:
    """The importer called `name`.

    Raises:
        UserError: no such layout; the sentence lists them.
    """
    for importer in IMPORTERS:
        if importer.name == name:
            return importer
    known = ", ".join(importer.name for importer in IMPORTERS)
    raise UserError(f"There is no layout “{name}”; use one of {known}.")
