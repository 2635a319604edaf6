"""Frames, embryos and sources as the other rooms see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Source:
    """A place that frames were imported from."""

    id: int
    name: str
    root: Path
    layout: str
    """Name of the importer that read it."""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the importer was told, such as a file-name pattern."""


class ImportedFrame(NamedTuple):
    """What an importer knows of one image file. Names, sizes and headers only: no pixels are kept.

    A named tuple, since millions are made: it takes a fifth of a frozen dataclass's time.
    """

    path: str
    """Relative to the source's root, with forward slashes."""
    embryo: str
    couple: str = ""
    """The code that siblings share, where the layout tells it; splits keep couples together."""
    plane: int | None = None
    """Focal plane, micrometres from the middle one."""
    index: int | None = None  # type: ignore[assignment]
    """Position in time (RUN number)."""
    hpi: float | None = None
    """Hours post insemination."""
    phase: str = ""
    """Morphokinetic phase such as tB."""
    remark: str = ""
    """The source's own grade or remark, never read as a label."""
    size: int = 0
    """Bytes."""
    modified_ns: int = 0
    width: int = 0
    height: int = 0

    def of_file(self, size: int, modified_ns: int, width: int, height: int) -> ImportedFrame:
        """The same frame with what its file says of itself."""
        told = (
            self.path,
            self.embryo,
            self.couple,
            self.plane,
            self.index,
            self.hpi,
            self.phase,
            self.remark,
        )
        return ImportedFrame(*told, size, modified_ns, width, height)


class Frame(NamedTuple):
    """One imported image; a named tuple, since an embryo on show has thousands."""

    id: int
    source_id: int
    embryo_id: int
    embryo: str
    path: str
    plane: int | None
    index: int | None  # type: ignore[assignment]
    hpi: float | None
    phase: str
    remark: str
    width: int
    height: int
    sha256: str | None
    """Content hash of the file; None until the frame is first shown, labelled or put in a snapshot."""


@dataclass(frozen=True)
class EmbryoRow:
    """An embryo in a list."""

    id: int
    source_id: int
    name: str
    couple: str
    frames: int
    moments: int
    """Distinct positions in time."""
    labelled: int
    """Frames that carry a current label (of the grader asked for, or of anybody)."""


@dataclass(frozen=True)
class RejectedFile:
    """A file that an import left out."""

    path: str
    reason: str


@dataclass(frozen=True)
class ImportReport:
    """What an import did."""

    source: str
    layout: str
    added: int
    known: int
    """Frames that the project already had."""
    embryos: int
    planes: tuple[int, ...]
    rejected: tuple[RejectedFile, ...]
    reason: str = ""
    """Why it was read as this layout; empty where a person chose it."""
    remarks: tuple[str, ...] = ()
    """What a person should look at, whole sentences."""
