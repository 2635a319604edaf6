"""The sample project: drawn embryos, imported and labelled with their known grades."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.sample.cohort import SampleSpec
from blasto_annotator.sample.writer import write_gomez_tree
from blasto_annotator.store import Project

GRADER = "drawn"
"""Whose labels the known grades are."""
DRAWN = "drawn"
"""The folder of drawn frames inside the project."""
SIZES = {
    "small": SampleSpec(embryos_per_group=4, moments=5),
    "medium": SampleSpec(embryos_per_group=6, moments=10),
    "large": SampleSpec(embryos_per_group=20, moments=20),
}
_COMPLETE = "sample.complete"


@dataclass(frozen=True)
class Readers:
    """The importers' two functions, given from above: rooms beside one another do not import each other."""

    frames: Callable[[Project, Path], object]
    """Imports the folder as a source."""
    labels: Callable[[Project, Path, str], object]
    """Imports a CSV file as a grader's labels."""


def sample_spec(size: str) -> SampleSpec:
    """What a sample of a named size holds.

    Raises:
        UserError: no such size.
    """
    if size not in SIZES:
        raise UserError(f"There is no sample of size “{size}”; choose one of {', '.join(SIZES)}.")
    return SIZES[size]


def open_sample_project(
    folder: Path, readers: Readers, size: str = "small", progress: Callable[[int, int], None] | None = None
) -> Project:
    """Opens the sample project in a folder; makes it there, or completes one whose drawing was interrupted.

    `progress` is told frames drawn and frames in all.

    Raises:
        UserError: no such size, or the folder holds something else.
    """
    spec = sample_spec(size)
    if not (folder / "project.db").exists():
        Project.create(folder, "Sample project", sample=True).close()
    project = Project.open(folder)
    try:
        _complete(project, readers, spec, progress)
    except BaseException:
        project.close()
        raise
    return project


def _complete(
    project: Project, readers: Readers, spec: SampleSpec, progress: Callable[[int, int], None] | None
) -> None:
    if not project.is_sample:
        raise UserError(
            f"{project.folder} holds a project of real frames; choose another folder for the sample."
        )
    if project.setting(_COMPLETE):
        return
    sample = write_gomez_tree(project.folder / DRAWN, spec, progress)
    readers.frames(project, sample.folder)
    readers.labels(project, sample.truth, GRADER)
    project.set_setting(_COMPLETE, "yes")
