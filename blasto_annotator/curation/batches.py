"""Reading generated batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.tables import parse_table
from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_FILE, BatchInfo, read_batch


@dataclass(frozen=True)
class BatchImage:
    """One generated image."""

    batch: str
    image: str
    """Relative to the batch folder, such as `images/<batch>-00000.png`."""
    sha256: str
    class_name: str
    position: int
    """In the batch's own order."""


def batch_info(project: Project, batch: str) -> BatchInfo:
    """What `batch.json` says.

    Raises:
        UserError: no such batch, or an incomplete one.
    """
    folder = project.batches / batch
    if not batch or not folder.is_dir():
        raise UserError(f"There is no batch “{batch}” in {project.batches}; generate one first.")
    try:
        return read_batch(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The batch {batch} is incomplete ({error}); generate it again.") from error


def batch_images(project: Project, batch: str) -> list[BatchImage]:
    """The batch's images in their order.

    Raises:
        UserError: no such batch, or an incomplete one.
    """
    info = batch_info(project, batch)
    rows = _provenance(project.batches / batch)
    if not rows:
        raise UserError(f"The batch {batch} holds no images; generate it again.")
    return [_image(batch, position, row, info) for position, row in enumerate(rows)]


def batch_names(project: Project) -> list[str]:
    """Complete batches by name."""
    return sorted(path.parent.name for path in project.batches.glob("*/batch.json"))


def batch_models(project: Project) -> dict[str, str]:
    """Each readable batch, by name, and the hash of the model that made it."""
    found = {}
    for name in batch_names(project):
        try:
            found[name] = batch_info(project, name).model
        except UserError:  # an incomplete batch is told where batches are listed
            continue
    return found


def _provenance(folder: Path) -> list[Mapping[str, str]]:
    try:
        data = (folder / PROVENANCE_FILE).read_bytes()
    except OSError as error:
        raise UserError(
            f"{folder / PROVENANCE_FILE} cannot be read ({error.strerror}); generate the batch again."
        ) from error
    return [row for _, row in parse_table(data, PROVENANCE_FILE, ("sha256",))]


def _image(batch: str, position: int, row: Mapping[str, str], info: BatchInfo) -> BatchImage:
    name = row.get("class_name", "")
    if info.classes and name not in info.classes:
        raise UserError(f"{PROVENANCE_FILE} of the batch {batch} names the unknown class “{name}”.")
    return BatchImage(batch, row["image"], row["sha256"], name, position)
